"""Try every fault at every step of every flow, and long histories: `make soak`. docs/reliability.md gets its figures.

Exit code 0 only if every promise held.
"""

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TESTS = "tests/integration/flows/faults"
FIGURES = ROOT / "build" / "faults.json"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make soak -->", "<!-- until here -->"
HISTORIES, HISTORY_STEPS = 300, 50


def main() -> int:
    """Run the tests with everything they can try."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run, to repeat its histories")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    print(f"To repeat this run: make soak SEED={seed}", flush=True)
    FIGURES.unlink(missing_ok=True)
    everything = {"EVERY_FAULT": "1", "HISTORIES": str(HISTORIES), "HISTORY_STEPS": str(HISTORY_STEPS)}
    command = [sys.executable, "-m", "pytest", TESTS, f"--hypothesis-seed={seed}"]
    code = subprocess.run(command, cwd=ROOT, env=os.environ | everything, check=False).returncode
    if code == 0:
        figures = json.loads(FIGURES.read_text())
        PAGE.write_text(with_table(PAGE.read_text(), figures | {"seed": seed}))
        print(
            f"{figures['history_steps']} steps of {figures['histories']} histories; docs/reliability.md has the figures"
        )
    return code


def with_table(page: str, figures: Mapping[str, Any]) -> str:
    """Put the figures between the marks of a page."""
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{table(figures)}\n{END}", page, flags=re.DOTALL)


def table(figures: Mapping[str, Any]) -> str:
    """Write the figures of a run."""
    rows = [
        f"| {fault} | {seen['cases']} | {seen['broken']} | {seen['minutes']} min |"
        for fault, seen in figures["faults"].items()
    ]
    cases = sum(seen["cases"] for seen in figures["faults"].values())
    told = (
        f"{figures['flows']} flows with {figures['steps']} different steps, {cases} cases; "
        f"{figures['meanwhile']} more in which somebody else is faster; "
        f"{figures['history_steps']} steps of {figures['histories']} histories (seed {figures['seed']})."
    )
    head = ["| fault | cases | promises broken | longest until all was over |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, "", told])


if __name__ == "__main__":
    sys.exit(main())

"""Run short histories over each seeded bug of meaning: `make seeded`. docs/mutation.md gets the table.

Each bug has a process of its own, and a fixed seed. Exit code 0 only if the histories found a broken promise over each.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from common.paths import BUILD, ROOT
from mutation.page import PAGE, SEEDED

TEST = "tests/integration/flows/faults/test_histories.py"
VERDICTS = BUILD / "seeded"
HISTORIES, SEED = 40, 2
LIMIT_SECONDS = 600
MISSED = "**not caught**"
_HEAD = """
Written by `make seeded` ([how](../tests/integration/flows/faults/seeded.py)): each bug changes the behaviour in one
place without a crash. Random histories ([how](reliability.md)) on the changed service, and no other test,
must find a violated guarantee.

| bug | histories until it was caught | violated guarantee |
| --- | ---: | --- |"""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = 100  # characters of a promise that are shown


@dataclass(frozen=True)
class Verdict:
    """The first broken promise that a history found over a bug, None if there was none."""

    bug: str
    promise: str | None
    histories: int
    steps: int
    seconds: int


def main() -> int:
    """Run all bugs, or the named ones."""
    parser = argparse.ArgumentParser(prog="seeded", description=__doc__)
    parser.add_argument("bugs", nargs="*", help="only these, for example every_success_fails")
    parser.add_argument("--jobs", type=int, default=1, help="bugs at once")
    given = parser.parse_args()
    known = bugs()
    if unknown := set(given.bugs) - set(known):
        parser.error(f"no such bug: {', '.join(sorted(unknown))}")
    with ThreadPoolExecutor(given.jobs) as pool:
        verdicts = list(pool.map(run, given.bugs or known))
    if not given.bugs:
        PAGE.write_text(with_table(PAGE.read_text(), verdicts))
    missed = [verdict.bug for verdict in verdicts if verdict.promise is None]
    print(f"not caught: {', '.join(missed)}" if missed else f"all {len(verdicts)} bugs are caught")
    return 1 if missed else 0


def bugs() -> list[str]:
    """Return the names of all bugs, in a process that has the tests on its path."""
    sys.path[:0] = [str(ROOT / folder) for folder in ("tests", "lambdas", "layers/shared/python")]
    from integration.flows.faults.seeded import BUGS

    return list(BUGS)


def run(bug: str) -> Verdict:
    """Run the histories over one bug and print the result."""
    file, began = VERDICTS / f"{bug}.json", time.monotonic()
    file.unlink(missing_ok=True)
    (VERDICTS / "tmp").mkdir(parents=True, exist_ok=True)
    asked = {"SEEDED_BUG": bug, "HISTORIES": str(HISTORIES), "HISTORY_STEPS": "30"}
    command = [sys.executable, "-m", "pytest", "-q", "--show-capture=no", TEST, f"--hypothesis-seed={SEED}"]
    command.append(f"--basetemp={VERDICTS / 'tmp' / bug}")  # pytest removes those of runs that are beside it
    ran = subprocess.run(
        command, cwd=ROOT, env=os.environ | asked, timeout=LIMIT_SECONDS, capture_output=True, text=True, check=False
    )
    found = json.loads(file.read_text()) if file.exists() else {"promise": None, "histories": HISTORIES, "steps": 0}
    verdict = Verdict(bug, **found, seconds=round(time.monotonic() - began))
    print(f"{bug}: {shown(verdict.promise) or MISSED} ({verdict.seconds} s)", flush=True)
    if verdict.promise is None:
        print(ran.stdout[-2000:], file=sys.stderr)
    return verdict


def shown(promise: str | None) -> str | None:
    """Shorten a promise to one line without ids."""
    return promise and re.sub(r"\s+", " ", _ID.sub("job", promise.splitlines()[0]))[:_LONGEST].replace("|", "\\|")


def with_table(page: str, verdicts: Iterable[Verdict]) -> str:
    """Replace the chapter in the page."""
    rows = [f"| {one.bug.replace('_', ' ')} | {one.histories} | {shown(one.promise) or MISSED} |" for one in verdicts]
    return page.partition(SEEDED)[0].rstrip() + "\n\n" + "\n".join([SEEDED + _HEAD, *rows, ""])


if __name__ == "__main__":
    sys.exit(main())

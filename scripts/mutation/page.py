"""docs/mutation.md: killed mutants by part, and the reason for each survivor."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from common.paths import ROOT
from mutation.modules import TARGETS
from mutation.results import Result, Survivor

PAGE = ROOT / "docs" / "mutation.md"
SURVIVORS = Path(__file__).with_name("survivors.toml")
ENOUGH = 0.85

SEEDED = "## Seeded logic bugs\n"  # the last chapter, which `make seeded` writes

type Explanations = Mapping[tuple[str, Survivor], str]

_HEAD = """# Mutation run

Written by `make mutation` ([how](../scripts/mutation/mutants.py)): each mutant is one small change to a critical
module. It is killed if one of the module's own fast tests fails. No server runs, so a mutant that only tests
on real stores would kill counts as a survivor. The run fails below 85 % in any part, and for a survivor that
[survivors.toml](../scripts/mutation/survivors.toml) does not explain.

| part | module | mutants | killed | survive | |
| --- | --- | ---: | ---: | ---: | ---: |
"""


def explanations() -> dict[tuple[str, Survivor], str]:
    """Read the explanation of each known survivor."""
    return {
        (module, Survivor(one["was"], one["becomes"])): group["because"]
        for module, groups in tomllib.loads(SURVIVORS.read_text()).items()
        for group in groups
        for one in group["mutants"]
    }


def write(results: Mapping[str, Result], explained: Explanations, before: str) -> str:
    """Write the page, with the last chapter that it had before."""
    rows = [_row(target.part, f"`{target.module}`", [results[target.module]]) for target in TARGETS]
    rows.append(_row("all", "", [results[target.module] for target in TARGETS]))
    survivors = "\n\n## Survivors\n\n" + "\n".join(_chapters(results, explained))
    return _HEAD + "\n".join(rows) + survivors + "\n" + "".join(before.partition(SEEDED)[1:])


def problems(results: Mapping[str, Result], explained: Explanations) -> list[str]:
    """List parts with too few killed mutants, and survivors without an explanation."""
    found = []
    for part in dict.fromkeys(target.part for target in TARGETS):
        ours = [results[target.module] for target in TARGETS if target.part == part]
        if sum(one.killed for one in ours) < ENOUGH * sum(one.mutants for one in ours):
            found.append(f"{part}: fewer than {ENOUGH:.0%} are killed")
    for target in TARGETS:
        for survivor in results[target.module].survivors:
            if (target.module, survivor) not in explained:
                found.append(f"{target.module}: not explained: {survivor.was} -> {survivor.becomes}")
    return found


def _row(part: str, module: str, results: list[Result]) -> str:
    made, killed = sum(one.mutants for one in results), sum(one.killed for one in results)
    return f"| {part} | {module} | {made} | {killed} | {made - killed} | {killed / made:.1%} |"


def _chapters(results: Mapping[str, Result], explained: Explanations) -> Iterator[str]:
    for target in TARGETS:
        survivors = results[target.module].survivors
        if survivors:
            yield f"### `{target.module}`\n\n| original | mutant | why no test fails |\n| --- | --- | --- |"
            for one in survivors:
                because = explained.get((target.module, one), "**not explained**")
                yield f"| {_code(one.was)} | {_code(one.becomes)} | {because} |"
            yield ""


def _code(text: str) -> str:
    return "`` " + text.replace("|", "\\|") + " ``" if text else "(nothing)"

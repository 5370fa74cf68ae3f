"""The end of `make test`: how many tests passed, or what failed and the command that runs it again."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.paths import ROOT

TESTS_SHOWN = 10
LAST_LINES = 5
_SUMMARY = "short test summary info"
# FAILED tests/unit/test_a.py::test_b[x] - assert 1 == 2; a file that cannot be imported has no "::".
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+?\.py(?:::.+?)?)(?: - .*)?$", re.MULTILINE)
# ===== 2 failed, 3 passed in 1.20s =====, or Terraform's "Success! 12 passed, 0 failed."
_TOTALS = re.compile(r"^(?:=+ .*\bin \d.*=+|(?:Success|Failure)! .*)$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (passed|skipped)")
_TERRAFORM_RUN = re.compile(r'^  run "([^"]+)"\.\.\. fail$', re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """The result of one make target."""

    part: str
    code: int
    seconds: float
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def failed_tests(self) -> list[str]:
        """The ids of failed tests, as pytest takes them."""
        return list(dict.fromkeys(_FAILED.findall(self.output.rpartition(_SUMMARY)[2]))) if self.code else []

    @property
    def counts(self) -> Counter[str]:
        """How many tests passed and were skipped, as pytest and Terraform counted them."""
        counts: Counter[str] = Counter()
        for line in _TOTALS.findall(self.output):
            counts.update({state: int(number) for number, state in _COUNT.findall(line)})
        return counts


def summary(name: str, outcomes: Sequence[Outcome], seconds: float) -> Iterator[str]:
    """Yield the last lines of a run: one line for a success, a section for a failure."""
    failed = [outcome for outcome in outcomes if outcome.code]
    counts = sum((outcome.counts for outcome in outcomes), Counter[str]())
    yield ""
    if not failed:
        skipped = f" ({counts['skipped']:,} skipped)" if counts["skipped"] else ""
        yield f"{name}: passed, {counts['passed']:,} tests{skipped} in {_parts(len(outcomes))}, {duration(seconds)}"
        return
    yield f"{name}: FAILED, {len(failed)} of {_parts(len(outcomes))}, {duration(seconds)}. Run again what failed:"
    for outcome in failed:
        yield f"  make {outcome.part}    # whole output: {short(outcome.log)}"
        yield from _details(outcome)


def _details(outcome: Outcome) -> Iterator[str]:
    tests = outcome.failed_tests
    for test in tests[:TESTS_SHOWN]:
        yield f"    .venv/bin/python -m pytest {shlex.quote(test)}"
    if len(tests) > TESTS_SHOWN:
        yield f"    and {len(tests) - TESTS_SHOWN} more tests"
    runs = _TERRAFORM_RUN.findall(outcome.output)
    yield from (f"    failed: run {run!r}" for run in runs[:TESTS_SHOWN])
    if not tests and not runs:
        lines = [line for line in outcome.output.splitlines() if line.strip()]
        yield from (f"    | {line}" for line in lines[-LAST_LINES:])


def _parts(number: int) -> str:
    return f"{number} part" if number == 1 else f"{number} parts"


def short(path: Path) -> str:
    """Show a path relative to the repository if it is inside."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def duration(seconds: float) -> str:
    """Show seconds as a person reads them."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

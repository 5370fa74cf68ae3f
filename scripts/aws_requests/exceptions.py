"""Findings that are accepted, one on a line of exceptions.txt with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_requests.request import Finding, Request

FILE = Path(__file__).with_name("exceptions.txt")
STALE = "stale-exception"


@dataclass(frozen=True)
class Accepted:
    """A finding that is accepted in some suites of tests; `part` stands in its message."""

    suites: tuple[str, ...]
    rule: str
    operation: str
    part: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Return whether a finding is this one."""
        return (finding.rule, finding.request.name) == (self.rule, self.operation) and self.part in finding.message

    def __str__(self) -> str:
        return " | ".join((",".join(self.suites), self.rule, self.operation, self.part, self.reason))


def load(file: Path = FILE) -> list[Accepted]:
    """Read the file; a line without all five fields raises ValueError."""
    lines = [line for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [_accepted(line) for line in lines]


def _accepted(line: str) -> Accepted:
    fields = [field.strip() for field in line.split("|")]
    if len(fields) != 5 or not all(fields):
        raise ValueError(f"an exception has suites | rule | operation | part of the message | reason: {line}")
    suites, *rest = fields
    return Accepted(tuple(suites.split(",")), *rest)


def without(findings: Iterable[Finding], accepted: Sequence[Accepted], *, whole: bool) -> list[Finding]:
    """Return the findings that are not accepted; after a whole suite, also the exceptions that matched nothing."""
    used: set[Accepted] = set()
    left = []
    for finding in findings:
        covering = [one for one in accepted if one.covers(finding)]
        used.update(covering)
        if not covering:
            left.append(finding)
    stale = [one for one in accepted if one not in used] if whole else []
    return left + [_stale(one) for one in stale]


def _stale(accepted: Accepted) -> Finding:
    service, _, operation = accepted.operation.partition(".")
    request = Request(0, service, operation, {}, "")
    return Finding(STALE, request, f"nothing matches the exception: {accepted}", FILE.name)

"""Check of a recording: every request against AWS's models, schemas, signatures, and the hand-written rules."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from aws_requests import exceptions, models, schemas, signatures
from aws_requests.reading import Reading, read_all
from aws_requests.recording import read
from aws_requests.request import Finding, Request, Rule
from aws_requests.rules import RULES

BROKEN = "broken-rule"


@dataclass(frozen=True)
class Checked:
    """What a check came to."""

    findings: list[Finding]
    requests: int
    operations: int
    repeats: int
    seconds: float

    def __str__(self) -> str:
        repeated = f", {self.repeats} repeated attempts answered" if self.repeats else ""
        counts = f"{self.requests:,} requests of {self.operations} operations{repeated}"
        lines = [f"{counts}: {len(self.findings)} against AWS's rules ({self.seconds:.1f} s)"]
        return "\n".join([*lines, *_grouped(self.findings)])


def _grouped(findings: Iterable[Finding]) -> Iterator[str]:
    """Show each kind of finding once, with the number of the other requests that have it too."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.request.name, finding.message), []).append(finding)
    for first, *others in groups.values():
        yield f"  {first}" + (f" (and {len(others)} more requests)" if others else "")


def check(recordings: Iterable[Path], suite: str, *, whole: bool = False) -> Checked:
    """Check the recordings of a suite of tests; a whole one also finds stale exceptions."""
    clock = time.monotonic()
    reading = read_all(chain.from_iterable(map(read, recordings)))
    accepted = [one for one in exceptions.load() if suite in one.suites]
    findings = exceptions.without(find(reading), accepted, whole=whole)
    names = {request.name for request in reading.requests}
    seconds = time.monotonic() - clock
    return Checked(findings, len(reading.requests), len(names), reading.repeats, seconds)


def find(reading: Reading) -> Iterator[Finding]:
    """Find everything that AWS would refuse, exceptions included."""
    yield from reading.unreadable
    for request, exchange in zip(reading.requests, reading.exchanges, strict=True):
        yield from models.check(request)
        yield from signatures.check(request, exchange)
    yield from schemas.check(reading.requests)
    for rule in RULES:
        yield from apply_rule(rule, reading.requests)


def apply_rule(rule: Rule, requests: Sequence[Request]) -> list[Finding]:
    """Apply one rule; if it fails, as it may on a request that its model does not allow, that is a finding too."""
    try:
        return list(rule(requests))
    except Exception as error:  # any: one broken rule must not hide what the others find
        name = getattr(rule, "name", repr(rule))
        return [Finding(BROKEN, Request(0, "", name, {}, ""), f"the rule fails: {type(error).__name__} {error}", name)]

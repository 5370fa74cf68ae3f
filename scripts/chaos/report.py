"""The table of a run, with its broken promises."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chaos.evidence import Record
from chaos.ledger import UNANSWERED, Offer
from chaos.verdict import Finding
from common.tables import Row, table

HEAD = (
    "fault", "seconds", "offered", "accepted", "refused", "no answer", "completed", "failed", "canceled", "lost",
    "paid twice", "accepts again", "all ended",
)  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """A fault and the calm after it: its duration, and the seconds until requests are accepted and jobs final."""

    title: str
    seconds: float = 0.0
    accepts_again: float | None = None
    all_ended: float | None = None
    began: datetime | None = None


def chaos_table(
    phases: Sequence[Phase], offers: Sequence[Offer], jobs: Mapping[str, Record], findings: Sequence[Finding]
) -> list[str]:
    """Write a line for each phase and one for the whole run."""
    rows = [_row(phase, [offer for offer in offers if offer.phase == phase.title], jobs, findings) for phase in phases]
    return table([HEAD, *rows, _row(Phase("together"), offers, jobs, findings)])


def _row(phase: Phase, offers: Sequence[Offer], jobs: Mapping[str, Record], findings: Sequence[Finding]) -> Row:
    ids = {job_id for offer in offers for job_id in offer.job_ids}
    ends = Counter(jobs[job_id].status for job_id in ids & jobs.keys())
    broken = Counter(finding.kind for finding in findings if phase.title == "together" or finding.job_id in ids)
    return (
        phase.title,
        f"{phase.seconds:.0f}" if phase.seconds else "",
        str(len(offers)),
        str(len(ids)),
        str(sum(offer.refused for offer in offers)),
        str(sum(offer.answers[UNANSWERED] for offer in offers)),
        str(ends["completed"]),
        _failed(ids, jobs),
        str(ends["canceled"]),
        str(broken["lost"]),
        str(broken["paid twice"]),
        _seconds(phase.accepts_again),
        _seconds(phase.all_ended),
    )


def _failed(ids: set[str], jobs: Mapping[str, Record]) -> str:
    reasons = Counter(str(jobs[job_id].error_code) for job_id in ids & jobs.keys() if jobs[job_id].status == "failed")
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or "0"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"

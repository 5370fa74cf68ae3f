"""Models that do not work at present: of a batch, too, one job at most is let through to each, as its probe."""

from collections.abc import Sequence
from datetime import datetime

from mediagen.errors.refusals import ModelUnavailable
from mediagen.jobs.batches import Draft, jobs_of
from mediagen.jobs.job import Job
from mediagen.models.health import ModelHealth


def let_through(drafts: Sequence[Draft], *, now: datetime, health: ModelHealth) -> tuple[list[Draft], list[Job]]:
    """Refuse the jobs whose models are not available; tells which of the others are probes. One round trip if none."""
    jobs, probes = jobs_of(drafts), list[Job]()
    stands = zip(jobs, health.look(jobs, now=now), strict=True)
    away = {job.id for job, stand in stands if stand.status != "available"}
    passed: list[Draft] = []
    for draft in drafts:
        try:
            if isinstance(draft, Job) and draft.id in away and health.admit(draft, now=now):
                probes.append(draft)
            passed.append(draft)
        except ModelUnavailable as refusal:
            passed.append(refusal)
    return passed, probes

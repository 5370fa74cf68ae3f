"""Circuit breakers of a batch's models: an open one admits at most one job of the batch, as its probe."""

from collections.abc import Sequence
from datetime import datetime

from mediagen.errors.refusals import ModelUnavailable
from mediagen.jobs.batches import Draft, jobs_of
from mediagen.jobs.job import Job
from mediagen.models.health import ModelHealth


def admit_to_models(drafts: Sequence[Draft], *, now: datetime, health: ModelHealth) -> tuple[list[Draft], list[Job]]:
    """Refuse the jobs whose models are unavailable. Returns the drafts and those of the others that are probes.

    One round trip if all models are available.
    """
    jobs, probes = jobs_of(drafts), list[Job]()
    states = zip(jobs, health.look(jobs, now=now), strict=True)
    unavailable = {job.id for job, state in states if state.status != "available"}
    passed: list[Draft] = []
    for draft in drafts:
        try:
            if isinstance(draft, Job) and draft.id in unavailable and health.admit(draft, now=now):
                probes.append(draft)
            passed.append(draft)
        except ModelUnavailable as refusal:
            passed.append(refusal)
    return passed, probes

"""Compare the promises with the clients' answers and the stores. Pure: no I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chaos.evidence import Evidence, Record
from chaos.ledger import Offer
from common.job_polling import FINAL

# Only the deletion of files may fail a job; after any other fault the job waits or is retried.
EXPLAINED = "media_expired"


@dataclass(frozen=True)
class Finding:
    """A broken promise and its job; `kind` is lost, paid twice, or differs."""

    kind: str
    job_id: str
    told: str


def judge(offers: Sequence[Offer], evidence: Evidence, *, deleted_since: datetime | None) -> list[Finding]:
    """List every promise that is not kept (yet); from `deleted_since` on, files were deleted."""
    return [
        *_lost(offers, evidence),
        *_paid(evidence),
        *_refused(offers),
        *_unexplained(evidence, deleted_since),
        *(finding for job_id, job in evidence.jobs.items() for finding in _inconsistent(job_id, job, evidence)),
        *_orphans(evidence),
    ]


def _lost(offers: Sequence[Offer], evidence: Evidence) -> Iterator[Finding]:
    for offer in offers:
        if offer.answers["202"] and not offer.job_ids:
            yield Finding("lost", "", f"the key {offer.key} was answered 202 without a job")
        if len(offer.job_ids) > 1:
            yield Finding("lost", " ".join(sorted(offer.job_ids)), f"the key {offer.key} was given several jobs")
        for job_id in offer.job_ids:
            job = evidence.jobs.get(job_id)
            if job is None:
                yield Finding("lost", job_id, "it was accepted, and PostgreSQL does not know it")
            elif job.key != offer.key:
                yield Finding("lost", job_id, f"it was accepted for the key {offer.key} and is recorded for {job.key}")
    for job_id, job in evidence.jobs.items():
        if job.status not in FINAL:
            yield Finding("lost", job_id, f"it is still {job.status}")


def _paid(evidence: Evidence) -> Iterator[Finding]:
    for job_id, times in evidence.paid.items():
        if times > 1:
            yield Finding("paid twice", job_id, f"Replicate bills {times} predictions")
        if job_id not in evidence.jobs:
            yield Finding("paid twice", job_id, "Replicate has predictions for a job that PostgreSQL does not know")


def _refused(offers: Sequence[Offer]) -> Iterator[Finding]:
    for offer in offers:
        if offer.wrong:
            told = f"the key {offer.key} was answered {', '.join(sorted(offer.wrong))}, which asks nobody to repeat it"
            yield Finding("differs", " ".join(sorted(offer.job_ids)), told)


def _unexplained(evidence: Evidence, deleted_since: datetime | None) -> Iterator[Finding]:
    for job_id, job in evidence.jobs.items():
        late = deleted_since and job.ended_at and job.ended_at >= deleted_since
        if job.status == "failed" and not (job.error_code == EXPLAINED and late):
            yield Finding("differs", job_id, f"it failed with {job.error_code}, which no fault explains")


def _inconsistent(job_id: str, job: Record, evidence: Evidence) -> Iterator[Finding]:
    told = (job.status, job.revision)
    faults = [
        (
            job.history != tuple(range(job.revision + 1)),
            f"its history has the revisions {job.history}, of {job.revision}",
        ),
        (job.last_status != job.status, f"its history ends with {job.last_status}, and it is {job.status}"),
        (evidence.table.get(job_id) != told, f"DynamoDB has {evidence.table.get(job_id)}, PostgreSQL {told}"),
        (evidence.cache.get(job_id, told) != told, f"Redis has {evidence.cache.get(job_id)}, PostgreSQL {told}"),
        ((job.status == "completed") != bool(job.outputs), f"it is {job.status} with {len(job.outputs)} outputs"),
        (
            job.callback_url is not None and (job.callback, bool(evidence.told.get(job_id))) != ("delivered", True),
            f"its callback is {job.callback}, and its client was told {evidence.told.get(job_id, 0)} times",
        ),
    ]
    yield from (Finding("differs", job_id, text) for is_so, text in faults if is_so)
    for key, size in job.outputs.items():
        if evidence.objects.get(key) != size:
            yield Finding(
                "differs", job_id, f"{key} has {evidence.objects.get(key)} bytes in S3, and {size} by its row"
            )


def _orphans(evidence: Evidence) -> Iterator[Finding]:
    known = {key for job in evidence.jobs.values() for key in job.outputs}
    for key in evidence.objects:
        if key not in known:
            yield Finding("differs", key.split("/")[-2], f"S3 has {key}, and no row names it")

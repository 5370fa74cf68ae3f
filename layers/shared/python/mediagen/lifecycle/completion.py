"""Move a job to a terminal state: record, count, project. If another worker was first, nothing happens."""

from datetime import datetime
from decimal import Decimal

from mediagen import log
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.projection import Projection
from mediagen.records.jobs import JobRecords

FREE = Decimal(0)
# Paid, or possibly paid, and not delivered. Metrics of their own, for alarms: CloudWatch does not add up JobsFailed.
ALARMED = {"media_expired": log.Metric("MediaExpired", 1), "outcome_unknown": log.Metric("OutcomeUnknown", 1)}


def end(
    job_id: str, target: Status, change: Change, *, now: datetime, records: JobRecords, screen: Projection
) -> Job | None:
    """Move a job to a terminal state. Returns None and changes nothing if the job is already in one."""
    screen.expect_end(job_id)
    job = records.move(job_id, target, change, now=now)
    if job is None:
        log.event("job.already_final", subject=log.Subject(job_id=job_id), metadata={"target": str(target)})
        return None
    log.event(
        f"job.{target}",
        level="INFO" if target is Status.COMPLETED else "WARNING",
        subject=job.subject,
        error=change.error.code if change.error else None,
        duration_ms=(now - job.created_at).total_seconds() * 1000,
        metadata={"reason": change.reason, "replicateId": job.replicate_id},
        metrics=_metrics(job, now),
    )
    screen.show(job)
    screen.ended(job, now=now)
    return job


def fail(
    job_id: str, code: str, *, now: datetime, records: JobRecords, screen: Projection, cost: Decimal = FREE
) -> Job | None:
    """Fail a job with one of the catalogued codes. The cost is 0 unless Replicate ran the prediction."""
    change = Change(code, cost=cost, error=failure(code))
    return end(job_id, Status.FAILED, change, now=now, records=records, screen=screen)


def _metrics(job: Job, now: datetime) -> list[log.Metric]:
    kind = {"mediaType": job.media_type, "modelId": job.model_id}
    seconds = (now - job.created_at).total_seconds()
    if job.status is Status.COMPLETED:
        duration = log.Metric("ProcessingTime", seconds, "Seconds", kind)
        return [log.Metric("JobsCompleted", 1, dimensions=kind), duration]
    error_type = job.error.code if job.error else str(job.status)
    failed = log.Metric("JobsFailed", 1, dimensions=kind | {"errorType": error_type})
    return [failed, ALARMED[error_type]] if error_type in ALARMED else [failed]

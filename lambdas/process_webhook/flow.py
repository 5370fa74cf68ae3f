"""Finish a job: find it, copy its media, make derivatives, record everything, tell everybody. Safe to run twice: keys
are fixed by the job, and only the winner of the final transition has effects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from mediagen import log
from mediagen.cache.cache import Cache
from mediagen.errors.text import SafeMessage
from mediagen.jobs.epochs import epoch_seconds
from mediagen.jobs.failures import Failure, failure, failure_from_replicate, is_unknown_text
from mediagen.jobs.job import Job
from mediagen.jobs.left_out import LeftOut
from mediagen.jobs.results import predict_seconds
from mediagen.jobs.state import Status, is_final_at_replicate
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import end
from mediagen.lifecycle.projection import Projection
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Prediction, Replicate
from mediagen.times import parse_optional_timestamp
from process_webhook.describing import store_description
from process_webhook.storing import Store, store_outputs

MAX_ERROR = 2000  # characters kept of Replicate's own words, for operators
# Replicate deletes files an hour after completion; the poller brings a result back every five minutes.
LAST_CHANCE = timedelta(minutes=45)
DEADLINE_ROUNDING = timedelta(seconds=2)  # Replicate is given whole seconds, rounded down


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of completing a job."""

    records: JobRecords
    provider: Replicate
    marks: Cache
    screen: Projection
    store: Store


class JobIsMoving(SafeMessage, Exception):
    """Another worker is moving the job. The message is retried and then finds it settled."""


def process_webhook(message: Mapping[str, Any], *, clock: Callable[[], datetime], ports: Ports) -> None:
    """Complete the job that a result belongs to."""
    replicate_id = message["prediction"]["id"]
    job = find_job(message, ports)  # only PostgreSQL decides whether a result was processed
    if job is None:
        return
    if job.status.is_final:
        log.event("webhook.duplicate", subject=job.subject, metadata={"replicateId": replicate_id})
        return
    prediction = whole_prediction(message, ports)
    job = adopt_prediction(job, replicate_id, now=clock(), ports=ports)
    ended = finish(job, prediction, clock=clock, ports=ports)
    if ended:
        mark_commit(ended, replicate_id, ports)


def mark_commit(job: Job, replicate_id: str, ports: Ports) -> None:
    """Mark the one commit of a result in Redis.

    A mark of this epoch belongs to a commit that PostgreSQL lost: a restore did not renew the epoch.
    """
    if ports.marks.mark_processed(replicate_id, epoch_seconds(job.projected_revision)):
        metadata, metrics = {"replicateId": replicate_id}, [log.Metric("EpochNotRenewed", 1)]
        log.event("epoch.not_renewed", level="ERROR", subject=job.subject, metadata=metadata, metrics=metrics)


def find_job(message: Mapping[str, Any], ports: Ports) -> Job | None:
    """Find the job of a result. Returns None if the job is unknown or expects another prediction's result."""
    replicate_id, job_id = message["prediction"]["id"], message.get("jobId")
    job = ports.records.find_any(job_id) if job_id else ports.records.find_by_replicate_id(replicate_id)
    if job is None:
        metadata = {"replicateId": replicate_id}
        log.event("webhook.unknown_job", level="WARNING", subject=log.Subject(job_id=job_id), metadata=metadata)
        return None
    if job.replicate_id in (None, replicate_id):
        return job
    metrics = [log.Metric("DuplicatePredictions", 1)]
    metadata = {"replicateId": replicate_id, "jobsReplicateId": job.replicate_id}
    log.event("webhook.duplicate_prediction", level="ERROR", subject=job.subject, metadata=metadata, metrics=metrics)
    return job if replaces(message["prediction"], job, ports) else None


def replaces(prediction: Prediction, job: Job, ports: Ports) -> bool:
    """Return whether the first prediction of a job succeeded while its second one runs, which is canceled then."""
    if job.status.is_final or prediction["status"] != "succeeded" or not job.replicate_id:
        return False
    second = ports.provider.cancel(job.replicate_id)
    return second is None or second["status"] == "canceled" or not is_final_at_replicate(second["status"])


def whole_prediction(message: Mapping[str, Any], ports: Ports) -> Prediction:
    """Return the prediction. One that was too large for the queue is read from Replicate."""
    told: Prediction = message["prediction"]
    if not message.get("fetch"):
        return told
    read = ports.provider.get(told["id"])
    if read is None or not is_final_at_replicate(read["status"]):
        raise JobIsMoving(told["id"])  # older than the webhook, or a 404 that may be wrong: the message comes back
    return read


def adopt_prediction(job: Job, replicate_id: str, *, now: datetime, ports: Ports) -> Job:
    """Accept a result for a job whose create call returned no answer: it moves to `processing` first."""
    moved: Job | None = job
    if job.status is Status.QUEUED:
        moved = ports.records.move(job.id, Status.SUBMITTING, Change("result_arrived"), now=now)
    if moved and moved.status is Status.SUBMITTING:
        change = Change("result_arrived", replicate_id=replicate_id)
        moved = ports.records.move(job.id, Status.PROCESSING, change, now=now)
    if moved is None:
        raise JobIsMoving(job.id)
    return moved


def finish(job: Job, prediction: Prediction, *, clock: Callable[[], datetime], ports: Ports) -> Job | None:
    """Move a job to the prediction's terminal state and return it.

    Returns None if another worker was faster, or if the poller has to look for the job's media first.
    """
    target, change = ending(job, prediction, clock=clock, store=ports.store)
    if change.reason == "media_expired" and job.is_restored:  # stored before the restore, perhaps
        log.event("webhook.left_to_poller", subject=job.subject, metadata={"replicateId": prediction["id"]})
        return None
    change = replace(change, predict_seconds=predict_seconds(prediction.get("metrics")), replicate_id=prediction["id"])
    return end(job.id, target, change, now=clock(), records=ports.records, screen=ports.screen)


def ending(job: Job, prediction: Prediction, *, clock: Callable[[], datetime], store: Store) -> tuple[Status, Change]:
    """Return the terminal state and its change, after storing the usable outputs."""
    status = prediction["status"]
    told = str(prediction.get("error") or "")[:MAX_ERROR]
    details = {"status": status, "metrics": prediction.get("metrics"), "providerError": told}
    if status == "canceled" and _is_late(job, prediction):  # by Replicate, at the deadline that we set
        why = failure("deadline_exceeded")
        return Status.FAILED, Change(why.code, cost=job.estimated_cost, error=why, details=details)
    if status == "canceled":  # canceled runs are charged
        why = failure("canceled")
        return Status.CANCELED, Change("canceled_at_replicate", cost=job.estimated_cost, error=why, details=details)
    if status == "aborted":
        return _failed(failure("deadline_exceeded"), details)
    if status != "succeeded":
        return _failed(_failure(job, prediction.get("error")), details)
    return _succeeded(job, prediction, details, clock=clock, store=store)


def _succeeded(
    job: Job, prediction: Prediction, details: Mapping[str, object], *, clock: Callable[[], datetime], store: Store
) -> tuple[Status, Change]:
    is_last_chance = _is_last_chance(prediction, clock())
    stored = store_outputs(job, prediction.get("output"), store, is_last_chance=is_last_chance)
    if not stored.outputs:
        return _failed(failure(_why_nothing(prediction, stored.left_out)), details)
    outputs, left_out = store_description(job, prediction, stored, clock(), store.bucket)
    count = sum(each.count for each in left_out)
    metrics = [log.Metric("S3UploadTime", stored.upload_ms, "Milliseconds"), log.Metric("OutputsLeftOut", count)]
    log.event(
        "media.stored", subject=job.subject, metadata={"files": len(outputs) - 1, "leftOut": count}, metrics=metrics
    )
    return Status.COMPLETED, Change(
        "succeeded", cost=job.estimated_cost, outputs=outputs, left_out=left_out, details=details
    )


def _failure(job: Job, text: object) -> Failure:
    """Classify a failed prediction; texts not seen before are counted, so that the table grows."""
    if is_unknown_text(text):
        metrics = [log.Metric("UnknownFailureTexts", 1, dimensions={"modelId": job.model_id})]
        log.event("failure.unknown_text", level="WARNING", subject=job.subject, metrics=metrics)
    return failure_from_replicate(text)


def _is_late(job: Job, prediction: Prediction) -> bool:
    ended = parse_optional_timestamp(prediction.get("completed_at"))
    return ended is not None and ended >= job.deadline_at - DEADLINE_ROUNDING


def _is_last_chance(prediction: Prediction, now: datetime) -> bool:
    completed_at = parse_optional_timestamp(prediction.get("completed_at"))
    return completed_at is not None and now >= completed_at + LAST_CHANCE


def _why_nothing(prediction: Prediction, left_out: Sequence[LeftOut]) -> str:
    codes = [each.code for each in left_out]
    if prediction.get("data_removed") or "media_expired" in codes:
        return "media_expired"
    return codes[0] if codes else "no_output"


def _failed(why: Failure, details: Mapping[str, object]) -> tuple[Status, Change]:
    return Status.FAILED, Change(why.code, cost=Decimal(0), error=why, details=details)  # failed runs are free

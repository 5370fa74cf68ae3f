"""The deliveries of a job's callback: the attempts so far, and one more on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from mediagen.aws.queue import Queue
from mediagen.degraded import degraded
from mediagen.errors.refusals import InvalidJobId, JobNotFound, JobRunning, NoCallback, TooManyDeliveries
from mediagen.http.edge import Request, Response
from mediagen.jobs.ids import is_job_id
from mediagen.jobs.job import Job
from mediagen.records.callbacks import Callback, CallbackRecords, Try
from mediagen.records.jobs import JobRecords
from mediagen.times import iso, optional_iso

PERIOD = timedelta(hours=1)
MOST_IN_A_PERIOD = 20  # tries of one callback, those of the schedule counted, before no more are made on demand


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of managing deliveries."""

    records: JobRecords
    callbacks: CallbackRecords
    queue: Queue


def list_deliveries(request: Request, *, ports: Ports) -> Response:
    """Answer a job's callback, null while the job runs, with its newest 100 attempts. Raises JobNotFound."""
    job = _own(request, ports)
    callback = ports.callbacks.find(job.id)
    return Response(200, _document(job, callback, ports.callbacks.tries(callback.id) if callback else []))


def deliver_again(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Make one more attempt at once, with the same `webhook-id`.

    Raises NoCallback, JobRunning, TooManyDeliveries, JobNotFound, InvalidJobId.
    """
    job = _own(request, ports)
    if job.callback_url is None:
        raise NoCallback("The job was requested without a callbackUrl.")
    callback = ports.callbacks.find(job.id)
    if callback is None:
        status = {"jobId": job.id, "jobStatus": str(job.status)}
        raise JobRunning("The job has not ended: its callback is sent when it does.", extra=status)
    tries = ports.callbacks.tries(callback.id)
    _check_pace(tries, now)
    ports.callbacks.again(callback.id, now=now)
    with degraded("callbacks", subject=job.subject):  # without the message the poller's next run delivers it
        ports.queue.send({"jobId": job.id})
    return Response(HTTPStatus.ACCEPTED, _document(job, ports.callbacks.find(job.id), tries))


def _own(request: Request, ports: Ports) -> Job:
    user_id, job_id = request.caller(), request.path.get("jobId", "")
    if not is_job_id(job_id):
        raise InvalidJobId("The job id is not a UUID of version 7 in lower case.")
    job = ports.records.find(job_id)
    if job is None or job.user_id != user_id:
        raise JobNotFound("There is no such job.")
    return job


def _check_pace(tries: Sequence[Try], now: datetime) -> None:
    recent = [made.at for made in tries if made.at > now - PERIOD]
    if len(recent) >= MOST_IN_A_PERIOD:
        frees_at = sorted(recent)[-MOST_IN_A_PERIOD] + PERIOD
        seconds = max(1, int((frees_at - now).total_seconds()) + 1)
        told = f"{MOST_IN_A_PERIOD} tries of a callback in an hour are allowed."
        raise TooManyDeliveries(told, retry_after_seconds=seconds)


def _document(job: Job, callback: Callback | None, tries: Sequence[Try]) -> dict[str, Any]:
    return {
        "jobId": job.id,
        "callbackUrl": job.callback_url,
        "callback": _callback(callback) if callback else None,
        "deliveries": [_delivery(made) for made in tries],
    }


def _callback(callback: Callback) -> dict[str, Any]:
    return {
        "webhookId": callback.id,
        "state": callback.state,
        "tries": callback.tries,
        "createdAt": iso(callback.created_at),
        "nextTryAt": optional_iso(callback.next_try_at),
    }


def _delivery(made: Try) -> dict[str, Any]:
    return {
        "try": made.number,
        "at": iso(made.at),
        "durationMs": made.duration_ms,
        "statusCode": made.status_code,
        "error": made.error,
    }

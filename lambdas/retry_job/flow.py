"""Create a job with the input of one of the caller's jobs in a terminal state: params, metadata and deadline.

It is accepted like any other job: with the current model, limits and price. The old job stays.
"""

from dataclasses import dataclass
from datetime import datetime

from mediagen.errors.refusals import InvalidJobId, InvalidRequest, JobNotFound, JobRunning
from mediagen.http.edge import Request, Response
from mediagen.jobs.idempotency import read_claim
from mediagen.jobs.ids import is_job_id
from mediagen.jobs.request import MediaRequest
from mediagen.lifecycle.accept import Ports as AcceptingPorts
from mediagen.lifecycle.accept import accept
from mediagen.records.jobs import JobRecords


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of repeating a job."""

    records: JobRecords
    accepting: AcceptingPorts


def retry_job(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Accept the request of a job once more.

    Raises JobRunning, JobNotFound, InvalidJobId, InvalidRequest, and the refusals of `accept`.
    """
    user_id, job_id = request.caller(), request.path.get("jobId", "")
    if not is_job_id(job_id):
        raise InvalidJobId("The job id is not a UUID of version 7 in lower case.")
    if request.body:
        raise InvalidRequest("A retry takes no body: it repeats the job. Send other params to /generate-media.")
    claim = read_claim(request.headers, user_id, {"retryOf": job_id}, now)
    accepting = ports.accepting.allowing(request.rate_per_hour)
    return accept(user_id, lambda: repeat_request(job_id, user_id, ports), claim, now=now, ports=accepting)


def repeat_request(job_id: str, user_id: str, ports: Ports) -> MediaRequest:
    """Return the request of an existing job. Raises JobRunning, JobNotFound, UnknownModel, Unavailable."""
    job = ports.records.find(job_id)
    if job is None or job.user_id != user_id:
        raise JobNotFound("There is no such job.")
    if not job.status.is_final:
        status = {"jobId": job.id, "jobStatus": str(job.status)}
        raise JobRunning(
            "Only a job that has ended can be retried: wait for its end, or cancel it first.", extra=status
        )
    given = int((job.deadline_at - job.created_at).total_seconds())
    most = ports.accepting.catalogue.find(job.media_type, job.model_id).deadline_seconds
    return MediaRequest(
        job.media_type,
        job.model_id,
        job.params,
        metadata=job.metadata,
        deadline_seconds=min(given, most),
        retry_of=job.id,
        callback_url=job.callback_url,
    )

"""Cancel one of the caller's jobs, so that as little as possible is billed and nothing reopens the job.

`processing`: Replicate is asked first. If the prediction has finished there, its result is billed and about to be
stored, so nothing is canceled. `queued`: Replicate certainly does not have the job. `submitting`: Replicate may have it
or may be receiving it. So a message is left for `submit_job`, which later searches the predictions of the time in which
the job was sent, and cancels the job's prediction.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mediagen.aws.queue import Queue
from mediagen.degraded import degraded
from mediagen.errors.refusals import InvalidJobId, JobFinished, JobNotFound, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.failures import failure
from mediagen.jobs.ids import is_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status, is_final_at_replicate
from mediagen.jobs.summaries import summary
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import end
from mediagen.lifecycle.projection import Projection
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Replicate, ReplicateUnavailable
from mediagen.times import iso

LOOK_SECONDS = 20  # a create call lasts 18 s at most: after that Replicate either has the job or never will
TRIES = 3  # a job may move between the read and the cancel, but only a few times
AGAIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of canceling."""

    records: JobRecords
    provider: Replicate
    submissions: Queue
    screen: Projection


def cancel_job(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Cancel a job. Raises JobFinished, JobNotFound, InvalidJobId, Unavailable (nothing was changed)."""
    user_id, job_id = request.caller(), request.path.get("jobId", "")
    if not is_job_id(job_id):
        raise InvalidJobId("The job id is not a UUID of version 7 in lower case.")
    job = _own(job_id, user_id, ports)
    for _ in range(TRIES):
        if job.status.is_final:
            raise _finished(job)
        job = _canceled(job, now=now, ports=ports) or _own(job_id, user_id, ports)
        if (
            job.status is Status.CANCELED
        ):  # by this request, by the webhook of our own cancel, or by the same request sent twice
            return Response(200, summary(job))
    raise Unavailable("The job is changing at this moment; it was not canceled.", retry_after_seconds=AGAIN_SECONDS)


def _own(job_id: str, user_id: str, ports: Ports) -> Job:
    job = ports.records.find(job_id)
    if job is None or job.user_id != user_id:
        raise JobNotFound("There is no such job.")
    return job


def _canceled(job: Job, *, now: datetime, ports: Ports) -> Job | None:
    """Cancel a job in the state in which it was read; None if the state has changed. An unsent job costs nothing."""
    if job.replicate_id:
        _stop(job, job.replicate_id, ports)
    elif job.status is Status.SUBMITTING:
        _look_later(job, ports)
    cost = Decimal(0) if job.status is Status.QUEUED else job.estimated_cost
    change = Change("canceled_by_client", cost=cost, error=failure("canceled"), only_from=job.status)
    return end(job.id, Status.CANCELED, change, now=now, records=ports.records, screen=ports.screen)


def _stop(job: Job, replicate_id: str, ports: Ports) -> None:
    """Cancel the prediction. Raises JobFinished if it is in a terminal state."""
    try:
        prediction = ports.provider.cancel(replicate_id) or {}
    except ReplicateUnavailable as error:
        raise _not_now() from error
    status = prediction.get("status")
    if is_final_at_replicate(status) and status != "canceled":
        raise _finished(job)


def _look_later(job: Job, ports: Ports) -> None:
    """Queue a search at Replicate, before the cancel, so that a crash in between loses nothing."""
    message = {"jobId": job.id, "sentAt": iso(job.updated_at)}
    with degraded("submissions", subject=job.subject) as sending:
        ports.submissions.send(message, delay_seconds=LOOK_SECONDS)
    if not sending.succeeded:
        raise _not_now()


def _not_now() -> Unavailable:
    return Unavailable("The job cannot be canceled at present; it was not changed.", retry_after_seconds=AGAIN_SECONDS)


def _finished(job: Job) -> JobFinished:
    told = "The job has ended." if job.status.is_final else "The generation has ended; its result is being stored."
    return JobFinished(told, extra={"jobId": job.id, "jobStatus": str(job.status)})

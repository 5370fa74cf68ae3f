"""Delete one of the caller's jobs permanently. The account stays: that there was a job, and its cost.

The mark comes first and hides the job at once. If a later step fails, the same request sent again or the poller
finishes it. A deletion cannot be undone.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from mediagen.errors.refusals import InvalidJobId, JobNotFound, JobRunning, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.ids import is_job_id
from mediagen.lifecycle.erase import AGAIN_IN, erase
from mediagen.lifecycle.erase import Ports as ErasingPorts
from mediagen.records.deletions import DeletionRecords
from mediagen.records.jobs import JobRecords

AGAIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of deleting."""

    records: JobRecords
    deletions: DeletionRecords
    erasing: ErasingPorts


def delete_job(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Delete a job. For a deleted job, finish what is left.

    Raises JobRunning, JobNotFound, InvalidJobId, Unavailable (the job is hidden, but not completely erased).
    """
    user_id, job_id = request.caller(), request.path.get("jobId", "")
    if not is_job_id(job_id):
        raise InvalidJobId("The job id is not a UUID of version 7 in lower case.")
    deleted = ports.deletions.mark(job_id, user_id, now=now, erase_at=now + AGAIN_IN)
    if deleted is None:
        raise _not_deletable(job_id, user_id, ports)
    if not deleted.is_erased and not erase(deleted.job, now=now, ports=ports.erasing):
        told = "The job is deleted, but not all of its files are gone yet; they will be within minutes."
        raise Unavailable(told, retry_after_seconds=AGAIN_SECONDS)
    return Response(HTTPStatus.NO_CONTENT, {})


def _not_deletable(job_id: str, user_id: str, ports: Ports) -> JobRunning | JobNotFound:
    job = ports.records.find(job_id)
    if job is None or job.user_id != user_id:
        return JobNotFound("There is no such job.")
    status = {"jobId": job.id, "jobStatus": str(job.status)}
    return JobRunning("Only a job that has ended can be deleted: cancel it first.", extra=status)

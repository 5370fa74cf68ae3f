"""Complete restored jobs from their results in the bucket, without Replicate and without a second bill."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from check_replicate_status.ports import Ports
from mediagen.aws.media_erasure import MediaErasure
from mediagen.degraded import degraded
from mediagen.jobs.job import Job
from mediagen.jobs.results import predict_seconds
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import end
from mediagen.lifecycle.erase import folders
from mediagen.media.keys import METADATA_NAME
from mediagen.media.stored_result import StoredResult, read_result
from mediagen.replicate.client import AT_ONCE

# The states that a job passes before it can be completed.
UNSENT = {Status.QUEUED: (Status.SUBMITTING, Status.PROCESSING), Status.SUBMITTING: (Status.PROCESSING,)}


def complete_from_bucket(jobs: Sequence[Job], *, now: datetime, ports: Ports) -> list[Job]:
    """Complete the jobs whose result is in the bucket. Returns the others, except those that could not be looked up."""
    restored = [job for job in jobs if job.is_restored]
    if not restored:
        return list(jobs)
    results: dict[str, StoredResult | None] = {}

    def look(job: Job) -> None:
        with degraded("media", subject=job.subject):
            results[job.id] = stored_result(job, ports.erasing.media)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(look, restored))
    for job in restored:
        result = results.get(job.id)
        if result:
            with degraded("restored_job", subject=job.subject):
                _complete(job, result, now=now, ports=ports)
    return [job for job in jobs if not job.is_restored or results.get(job.id, job) is None]


def stored_result(job: Job, media: MediaErasure) -> StoredResult | None:
    """Read the result in a job's folder. Raises what the bucket raises."""
    key = folders(job)[0] + METADATA_NAME
    body = media.read(key)
    return read_result(body, key) if body else None


def _complete(job: Job, result: StoredResult, *, now: datetime, ports: Ports) -> None:
    moved: Job | None = job
    for status in UNSENT.get(job.status, ()):
        change = Change("found_in_bucket", replicate_id=result.replicate_id)
        moved = moved and ports.records.move(job.id, status, change, now=now)
    change = Change(
        "found_in_bucket",
        replicate_id=result.replicate_id,
        cost=result.cost,
        predict_seconds=predict_seconds(result.metrics),
        outputs=result.outputs,
        left_out=result.left_out,
        details={"status": "succeeded", "metrics": result.metrics},
    )
    if moved:
        end(job.id, Status.COMPLETED, change, now=now, records=ports.records, screen=ports.screen)

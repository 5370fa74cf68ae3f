"""Erase a deleted job: its projections, its media, and the personal data in its record.

For a job that failed, only media is erased: files may have been stored before it failed. If the job's folder records a
success from before a restore, nothing is erased, because PostgreSQL lost that success and the client paid for it.

Every step can be repeated and can run several times in parallel. A job whose erasure fails half-way stays due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mediagen import log
from mediagen.aws.media_erasure import MediaErasure
from mediagen.degraded import degraded
from mediagen.jobs.job import Job
from mediagen.jobs.transition import STORING
from mediagen.lifecycle.backlog import batches
from mediagen.lifecycle.projection import Projection
from mediagen.media.keys import METADATA_NAME, job_folder
from mediagen.media.stored_result import read_result
from mediagen.records.deletions import DeletionRecords, Leftover

AGAIN_IN = timedelta(minutes=4)  # so that the poller's next run, five minutes later, retries it
BATCH = 100  # jobs; each takes two calls of S3, six if it has files
AT_ONCE = 8  # keeps up with 500 failing jobs a minute at 80 ms each; the pool keeps 10 connections
RESERVE_SECONDS = 5.0  # kept free at the end of an invocation


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of erasing."""

    records: DeletionRecords
    media: MediaErasure
    screen: Projection


def erase(job: Job, *, now: datetime, ports: Ports) -> bool:
    """Erase a deleted job. Returns False if a part failed, which the poller retries."""
    parts = [ports.screen.hide(job, now), *_without_media(job, ports)]
    again_at = _settled_at(job) if all(parts) else now + AGAIN_IN
    ports.records.scrub(job.id, erase_at=again_at if again_at > now else None)
    log.event("job.erased" if all(parts) else "job.erased_in_part", subject=job.subject)
    return all(parts)


def clear(job: Job, *, ports: Ports) -> None:
    """Erase the media of a job that ended without a result. The poller retries a part that fails."""
    if has_forgotten_result(job, ports.media):
        log.event("media.kept", level="ERROR", subject=job.subject, metrics=[log.Metric("MediaKept", 1)])
        ports.records.cleared(job.id)
    elif all(_without_media(job, ports)):
        ports.records.cleared(job.id)


def has_forgotten_result(job: Job, media: MediaErasure) -> bool:
    """Return whether a job's folder records a success from before the epoch. Raises what the bucket raises."""
    if not job.is_restored:
        return False
    key = folders(job)[0] + METADATA_NAME
    body = media.read(key)
    result = read_result(body, key) if body else None
    return bool(body) and (result is None or job.epoch is None or result.stored_at < job.epoch)


def _without_media(job: Job, ports: Ports) -> list[bool]:
    return [_is_erased(folder, job, ports) for folder in folders(job)]


def _is_erased(folder: str, job: Job, ports: Ports) -> bool:
    with degraded("media", subject=job.subject) as erasing:
        ports.media.erase(folder)
    return erasing.succeeded


def erase_due_jobs(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> int:
    """Erase jobs whose erasure failed, or ran before their last file was stored. Returns their number."""
    from concurrent.futures import ThreadPoolExecutor  # not needed for a client's own deletion

    def has_time() -> bool:
        return seconds_left() >= RESERVE_SECONDS

    def claim() -> list[Leftover]:
        return ports.records.claim(now=now, again_in=AGAIN_IN, limit=BATCH)

    def begin(left: Leftover) -> None:
        if has_time():
            with degraded("erasure", subject=left.job.subject):
                _erase(left, now=now, ports=ports)

    count = 0
    for leftovers in batches(claim, full=BATCH, has_time=has_time):
        count += len(leftovers)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(begin, leftovers))
    return count


def _erase(left: Leftover, *, now: datetime, ports: Ports) -> None:
    if left.is_deleted:
        erase(left.job, now=now, ports=ports)
    else:
        clear(left.job, ports=ports)


def folders(job: Job) -> tuple[str, str]:
    """Return all prefixes in the media bucket under which a job has files."""
    media = job_folder(job.media_type, user_id=job.user_id, job_id=job.id, created_at=job.created_at)  # type: ignore[arg-type]
    return media, f"temp/{job.id}/"


def _settled_at(job: Job) -> datetime:
    """Return the time from which no worker stores media of the job: a later worker sees its terminal state first."""
    return (job.completed_at or job.updated_at) + STORING

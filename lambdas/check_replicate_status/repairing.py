"""Backfill the job table after outages of any length. A watermark records how far the table is complete.

The watermark is in the table itself: a table restored from a backup, or created anew, carries its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mediagen.aws.job_table import JobTable
from mediagen.degraded import degraded
from mediagen.jobs.epochs import NEVER_RESTORED
from mediagen.jobs.job import Job
from mediagen.lifecycle.projection import KEEP, Projection
from mediagen.records.jobs import JobRecords
from mediagen.times import iso

WINDOW = timedelta(minutes=15)  # compared in each run; all transitions of that time are committed by then
REST = timedelta(seconds=30)  # younger changes are still being written by their own functions
BATCH = 100  # the limit of one batch read of the job table
PAGE = 10 * BATCH
RESERVE_SECONDS = 10.0  # for a page, and for the steps that follow
MARK = ("job-table", "complete")  # no job's id; after a restore, it has the epoch


type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Repair:
    """One run of the repair: its time and its dependencies."""

    now: datetime
    seconds_left: Callable[[], float]
    records: JobRecords
    table: JobTable
    screen: Projection


def repair(run: Repair) -> int:
    """Write recent changes that the table lacks, then older ones while there is time. Returns their number."""
    count = 0
    with degraded("job_table"):
        epoch = run.records.epoch()
        run.screen.outdate(epoch)
        count += _recent(run)
        count += _older(run, _mark_key(epoch))
    return count


def _recent(run: Repair) -> int:
    """Compare the last minutes page by page: at 500 jobs a minute they have ten pages or more."""
    start, end, count = run.now - WINDOW, run.now - REST, 0
    while start < end and run.seconds_left() > RESERVE_SECONDS:
        page = run.records.changed_between(start, end, limit=PAGE)
        count += len(_missed(run, page))
        if len(page) < PAGE:
            break
        start = max(page[-1].updated_at, start + timedelta(microseconds=1))
    return count


def _older(run: Repair, key: Key) -> int:
    """Continue from the watermark page by page, and advance it up to the first change that is still missing."""
    start, end, count = _mark(run, key), run.now - WINDOW, 0
    while start < end and run.seconds_left() > RESERVE_SECONDS:
        page = run.records.changed_between(start, end, limit=PAGE)
        missed = _missed(run, page)
        count += len(missed)
        still = _missed(run, missed)
        is_last = len(page) < PAGE
        reached = still[0].updated_at if still else end if is_last else page[-1].updated_at
        if reached > start:
            _set_mark(run, key, reached)
        if is_last or still:
            break
        start = max(reached, start + timedelta(microseconds=1))
    return count


def _missed(run: Repair, jobs: Sequence[Job]) -> list[Job]:
    """Write the jobs that the table lacks or has in an older revision. Returns them. Raises the table's errors."""
    missed: list[Job] = []
    alive = [job for job in jobs if job.created_at > run.now - KEEP]
    for first in range(0, len(alive), BATCH):
        some = alive[first : first + BATCH]
        kept = run.table.revisions([(job.id, iso(job.created_at)) for job in some])
        missed += [job for job in some if kept.get(job.id, -1) < job.projected_revision]
    for job in missed:
        run.screen.show(job)
    return missed


def _mark_key(epoch: datetime) -> Key:
    """Return the key of an epoch's watermark. A restore may have changed any job, so each epoch starts anew."""
    job_id, timestamp = MARK
    return (job_id if epoch == NEVER_RESTORED else f"{job_id}-{iso(epoch)}", timestamp)


def _mark(run: Repair, key: Key) -> datetime:
    """Read the watermark. A table without one is compared for as long as it keeps items."""
    moment = run.table.revisions([key]).get(key[0], 0)
    return max(datetime.fromtimestamp(moment / 1000, UTC), run.now - KEEP)


def _set_mark(run: Repair, key: Key, reached: datetime) -> None:
    job_id, timestamp = key
    run.table.put({"jobId": job_id, "timestamp": timestamp, "revision": int(reached.timestamp() * 1000)})

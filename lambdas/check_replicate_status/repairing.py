"""Show again what the job table missed, however long it was away. A mark says up to when all is there.

It is in the table itself: one that is brought back from a backup, or made anew, then says by itself what it misses.
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

WINDOW = timedelta(minutes=15)  # looked at in each run; by then every transition is committed that is of that time
REST = timedelta(seconds=30)  # younger changes are still being shown by those who made them
BATCH = 100  # what one batch read of the job table takes
PAGE = 10 * BATCH
RESERVE_SECONDS = 10.0  # for a page, and for what follows
MARK = ("job-table", "complete")  # no job's id; after a restore, it has the epoch


type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Repair:
    """One run: its time, and what it needs."""

    now: datetime
    seconds_left: Callable[[], float]
    records: JobRecords
    table: JobTable
    screen: Projection


def repair(run: Repair) -> int:
    """Show the recent changes that the table missed, then older ones while there is time; returns how many."""
    count = 0
    with degraded("job_table"):
        epoch = run.records.epoch()
        run.screen.outdate(epoch)
        count += _recent(run)
        count += _older(run, _mark_key(epoch))
    return count


def _recent(run: Repair) -> int:
    """Compare the last minutes, page by page: at 500 jobs a minute they have ten pages and more."""
    start, end, count = run.now - WINDOW, run.now - REST, 0
    while start < end and run.seconds_left() > RESERVE_SECONDS:
        page = run.records.changed_between(start, end, limit=PAGE)
        count += len(_missed(run, page))
        if len(page) < PAGE:
            break
        start = max(page[-1].updated_at, start + timedelta(microseconds=1))
    return count


def _older(run: Repair, key: Key) -> int:
    """Go on where all was there, page by page; the mark moves up to the first change that is still not there."""
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
    """Show the jobs that the table has not, or has an older revision of; returns them. Raises what the table raises."""
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
    """Name the mark of an epoch: the table has to show all jobs again, since a restore may have changed them."""
    job_id, timestamp = MARK
    return (job_id if epoch == NEVER_RESTORED else f"{job_id}-{iso(epoch)}", timestamp)


def _mark(run: Repair, key: Key) -> datetime:
    """Read up to when all is there; a table without a mark is compared for as long as it keeps anything."""
    moment = run.table.revisions([key]).get(key[0], 0)
    return max(datetime.fromtimestamp(moment / 1000, UTC), run.now - KEEP)


def _set_mark(run: Repair, key: Key, reached: datetime) -> None:
    job_id, timestamp = key
    run.table.put({"jobId": job_id, "timestamp": timestamp, "revision": int(reached.timestamp() * 1000)})

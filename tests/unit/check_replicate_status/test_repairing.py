"""Backfill of the job table after outages of any length."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from check_replicate_status.repairing import MARK, PAGE, REST, WINDOW, Repair, repair
from mediagen.jobs.epochs import NEVER_RESTORED
from mediagen.jobs.job import Job
from mediagen.lifecycle.projection import Projection
from mediagen.records.jobs import JobRecords
from unit.check_replicate_status.bench import Table
from unit.conftest import Logged
from unit.samples import NOW, job

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def changed(*ages: timedelta, revision: int = 1) -> list[Job]:
    """Make jobs whose last change was this long ago."""
    return [
        job(id=f"job-{age}", created_at=NOW - age, updated_at=NOW - age, revision=revision)
        for age in sorted(ages, reverse=True)
    ]


@dataclass
class Counted(Table):
    """A table that records the sizes of its reads, without those of the watermark."""

    sizes: list[int] = field(default_factory=list)

    def revisions(self, keys: Iterable[tuple[str, str]]) -> dict[str, int]:
        asked = list(keys)
        self.sizes += [len(asked)] if asked != [MARK] else []
        return super().revisions(asked)


@dataclass
class Poller(JobRecords, Projection):
    """Jobs by the time of their change, the table, and the writes; for some jobs the write always fails."""

    jobs: list[Job]
    table: Counted = field(default_factory=Counted)
    refused: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    began_at: datetime = NEVER_RESTORED
    outdated: list[datetime] = field(default_factory=list)

    def epoch(self) -> datetime:
        return self.began_at

    def outdate(self, epoch: datetime) -> None:
        self.outdated.append(epoch)

    def changed_between(self, start: datetime, end: datetime, *, limit: int) -> list[Job]:
        return [job for job in self.jobs if start <= job.updated_at < end][:limit]

    def show(self, job: Job) -> None:
        if job.id not in self.refused:
            self.table.kept[job.id] = job.projected_revision

    def run(self, now: datetime = NOW) -> int:
        """Run the backfill once; `seconds` are the remaining times, one for each look at the clock, then plenty."""
        return repair(Repair(now, lambda: self.seconds.pop(0) if self.seconds else 60.0, self, self.table, self))

    @property
    def missing(self) -> set[str]:
        """Return the jobs whose current revision the table lacks."""
        return {job.id for job in self.jobs if self.table.kept.get(job.id, -1) < job.revision}

    @property
    def complete_for(self) -> timedelta:
        """Return how long before now the watermark lies."""
        return NOW - datetime.fromtimestamp(self.table.kept[MARK[0]] / 1000, NOW.tzinfo)


def test_missing_and_older_items_are_backfilled_and_newer_ones_stay() -> None:
    poller = Poller(changed(2 * MINUTE, 3 * MINUTE, 4 * MINUTE, revision=2))
    poller.table.kept = {"job-0:03:00": 1, "job-0:04:00": 3}
    assert poller.run() == 2
    assert poller.table.kept["job-0:04:00"] == 3
    assert (poller.missing, poller.run()) == (set(), 0)


def test_very_recent_changes_are_left_to_their_writers() -> None:
    assert Poller(changed(REST - timedelta(seconds=1))).run() == 0


def test_an_hours_outage_is_backfilled_completely(logged: Logged) -> None:
    poller = Poller(changed(*(number * MINUTE for number in range(5, 200))))
    poller.run(NOW - 70 * MINUTE)
    poller.table.kept = {MARK[0]: poller.table.kept[MARK[0]]}
    poller.table.is_away = True
    for minutes in range(65, 0, -5):
        assert poller.run(NOW - minutes * MINUTE) == 0
    assert {line["part"] for line in logged()} == {"job_table"}
    poller.table.is_away = False
    assert poller.run() > 60
    assert all(NOW - job.updated_at > 85 * MINUTE for job in poller.jobs if job.id in poller.missing)


def test_a_table_that_is_new_is_filled_with_all_that_it_would_still_have() -> None:
    poller = Poller(changed(8 * DAY, 6 * DAY, DAY, 20 * MINUTE))
    assert poller.run() == 3
    assert poller.missing == {"job-8 days, 0:00:00"}
    assert poller.complete_for == WINDOW


def test_early_checks_are_repeated_once_no_writer_can_be_active() -> None:
    poller = Poller(changed(MINUTE))
    poller.run()
    poller.table.kept.pop("job-0:01:00")
    assert poller.run(NOW + WINDOW + MINUTE) == 1


def test_a_large_gap_is_backfilled_page_by_page_over_several_runs() -> None:
    poller = Poller(changed(*(timedelta(hours=1, seconds=number) for number in range(2 * PAGE + 5))))
    poller.seconds = [60.0, 60.0, 9.0]  # one page of recent changes, and no more
    assert poller.run() == PAGE
    assert poller.complete_for > timedelta(hours=1)
    assert poller.run() == PAGE + 5
    assert (poller.missing, poller.complete_for) == (set(), WINDOW)


def test_all_recent_changes_are_compared_page_by_page() -> None:
    poller = Poller(changed(*(timedelta(minutes=2, milliseconds=number) for number in range(2 * PAGE + 5))))
    assert poller.run() == 2 * PAGE + 5
    assert poller.missing == set()


def test_the_watermark_stays_before_a_failing_job_and_recent_ones_are_backfilled() -> None:
    poller = Poller(changed(5 * MINUTE, timedelta(hours=2), timedelta(hours=3)))
    poller.refused = {"job-2:00:00"}
    poller.run()
    assert (poller.missing, poller.complete_for) == ({"job-2:00:00"}, timedelta(hours=2))
    poller.refused = set()
    assert poller.run() == 1
    assert (poller.missing, poller.complete_for) == (set(), WINDOW)


def test_the_table_is_compared_a_hundred_jobs_at_a_time() -> None:
    poller = Poller(changed(*(MINUTE + timedelta(seconds=number) for number in range(250))))
    poller.run()
    assert poller.table.sizes == [100, 100, 50]


def test_after_a_restore_everything_is_shown_again(logged: Logged) -> None:
    poller = Poller(changed(2 * DAY, DAY, MINUTE, revision=2))
    poller.run()
    assert (poller.missing, poller.run()) == (set(), 0)
    poller.began_at = NOW - timedelta(seconds=30)
    poller.jobs = [replace(job, epoch=poller.began_at) for job in poller.jobs]
    poller.table.kept |= {job.id: 9 for job in poller.jobs}  # newer revisions of earlier jobs
    assert poller.run() == 3
    assert [poller.table.kept[job.id] for job in poller.jobs] == [job.projected_revision for job in poller.jobs]
    assert (poller.run(), poller.outdated[-1]) == (0, poller.began_at)

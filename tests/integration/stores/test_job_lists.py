"""Lists for the poller: overdue jobs, and recently changed ones."""

from datetime import timedelta
from typing import Any

from integration.stores.jobs import NOW, added, change_to, in_status, output
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.jobs import JobRecords

SECOND = timedelta(seconds=1)
AGAIN_IN = timedelta(minutes=4)
HOUR = timedelta(hours=1)


def test_jobs_are_overdue_from_their_time_on_oldest_first(records: JobRecords, user_id: str) -> None:
    late, later = added(records, user_id, check_in=2 * SECOND), added(records, user_id, check_in=3 * SECOND)
    added(records, user_id, check_in=4 * SECOND)
    assert records.claim_overdue(now=NOW + SECOND, again_in=AGAIN_IN, limit=9) == []
    assert records.claim_overdue(now=NOW + 3 * SECOND, again_in=AGAIN_IN, limit=1) == [late]
    assert records.claim_overdue(now=NOW + 3 * SECOND, again_in=AGAIN_IN, limit=9) == [later]


def test_the_result_that_is_deleted_first_comes_first_however_often_it_was_looked_at(
    records: JobRecords, user_id: str
) -> None:
    in_doubt = added(records, user_id)
    slow, quick = (added(records, user_id, estimated_seconds=seconds) for seconds in (900, 5))
    for job in (slow, quick):
        records.move(job.id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)
    claimed = records.claim_overdue(now=NOW + HOUR, again_in=AGAIN_IN, limit=9)
    assert [job.id for job in claimed] == [quick.id, slow.id, in_doubt.id]
    younger = added(records, user_id, check_in=AGAIN_IN - SECOND)
    records.move(younger.id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW + 20 * SECOND)
    again = records.claim_overdue(now=NOW + HOUR + AGAIN_IN, again_in=AGAIN_IN, limit=2)
    assert [job.id for job in again] == [quick.id, younger.id]


def test_all_overdue_jobs_are_counted_and_claims_do_not_count(records: JobRecords, user_id: str) -> None:
    for _ in range(3):
        added(records, user_id)
    waiting = added(records, user_id, status=Status.QUEUED, revision=0)
    assert records.count_overdue(now=NOW) == 3
    assert records.count_overdue(now=waiting.deadline_at) == 4
    records.claim_overdue(now=NOW, again_in=AGAIN_IN, limit=2)
    assert records.count_overdue(now=NOW) == 1


def test_a_postponed_job_is_overdue_later_and_an_ended_one_never(records: JobRecords, user_id: str) -> None:
    job, ended = added(records, user_id), in_status(records, user_id, Status.COMPLETED)
    records.postpone([job.id, ended.id], check_at=NOW + AGAIN_IN)
    assert records.count_overdue(now=NOW + AGAIN_IN - SECOND) == 0
    assert [one.id for one in records.claim_overdue(now=NOW + AGAIN_IN, again_in=AGAIN_IN, limit=9)] == [job.id]


def test_a_claimed_job_is_overdue_again_without_news(records: JobRecords, user_id: str) -> None:
    job = added(records, user_id)
    assert records.claim_overdue(now=NOW, again_in=AGAIN_IN, limit=9) == [job]
    assert records.claim_overdue(now=NOW + AGAIN_IN - SECOND, again_in=AGAIN_IN, limit=9) == []
    assert records.claim_overdue(now=NOW + AGAIN_IN, again_in=AGAIN_IN, limit=9) == [job]


def test_a_finished_job_is_never_overdue(records: JobRecords, user_id: str) -> None:
    for status in (Status.COMPLETED, Status.FAILED, Status.CANCELED):
        in_status(records, user_id, status)
    assert records.claim_overdue(now=NOW + timedelta(days=9), again_in=AGAIN_IN, limit=9) == []


def test_a_locked_job_is_skipped_without_waiting(records: JobRecords, user_id: str, sql: Any) -> None:
    held, free = added(records, user_id), added(records, user_id)
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE", id=held.id)
    assert records.claim_overdue(now=NOW, again_in=AGAIN_IN, limit=9) == [free]
    sql.run("ROLLBACK")
    assert records.claim_overdue(now=NOW, again_in=AGAIN_IN, limit=9) == [held]


def test_changes_are_listed_from_the_start_of_a_window_to_just_before_its_end(
    records: JobRecords, user_id: str
) -> None:
    jobs = []
    for second in range(4):
        running = in_status(records, user_id, Status.PROCESSING)
        change = Change("done", outputs=[output(running.id, 1)])
        jobs.append(records.move(running.id, Status.COMPLETED, change, now=NOW + second * SECOND))
    assert records.changed_between(NOW + SECOND, NOW + 3 * SECOND, limit=9) == jobs[1:3]
    assert records.changed_between(NOW, NOW + 9 * SECOND, limit=2) == jobs[:2]


def test_a_move_says_when_to_look_again(records: JobRecords, user_id: str, sql: Any) -> None:
    job = added(records, user_id)
    records.move(job.id, Status.PROCESSING, Change("x", next_check_in=timedelta(minutes=7)), now=NOW)
    [[at]] = sql.run("SELECT next_check_at FROM jobs WHERE id = :id", id=job.id)
    assert at == NOW + timedelta(minutes=7)
    records.move(job.id, Status.FAILED, change_to(Status.FAILED), now=NOW)
    [[at]] = sql.run("SELECT next_check_at FROM jobs WHERE id = :id", id=job.id)
    assert at is None

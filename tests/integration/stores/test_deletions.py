"""Deleted jobs on a real PostgreSQL: invisible to all users, kept for accounting, deleted by one worker at a time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from integration.stores.jobs import NOW, add_user, added, history, in_status, output
from integration.waiting import eventually
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import STORING, Change
from mediagen.records.database import Database
from mediagen.records.deletions import Deleted, DeletionRecords, Leftover
from mediagen.records.job_lists import Filters, JobLists
from mediagen.records.jobs import JobRecords

LATER = NOW + timedelta(minutes=1)
SOON = LATER + timedelta(minutes=4)
FINAL = [status for status in Status if status.is_final]
TOLD: dict[str, object] = {
    "status": "failed",
    "providerError": "a boat: NSFW",
    "invalidFields": [{"description": "a boat"}],
}
RIVALS = 8


@pytest.fixture
def deletions(database: Database) -> DeletionRecords:
    return DeletionRecords(database)


def finished(records: JobRecords, user_id: str) -> Job:
    """Record a completed job with media and a history with texts."""
    new = added(records, user_id)
    metrics = {"metrics": {"predict_time": 1.5, "image_count": 2, "note": "a boat"}}
    records.move(new.id, Status.PROCESSING, Change("a", replicate_id=f"p-{new.id}", details=TOLD), now=NOW)
    change = Change("b", cost=Decimal("0.003"), outputs=[output(new.id, 1)], details=TOLD | metrics)
    done = records.move(new.id, Status.COMPLETED, change, now=NOW)
    assert done is not None
    return done


def mark(deletions: DeletionRecords, job: Job) -> Deleted:
    marked = deletions.mark(job.id, job.user_id, now=LATER, erase_at=SOON)
    assert marked is not None
    return marked


def row(sql: Any, job_id: str) -> dict[str, Any]:
    """Return all columns of a job."""
    [[found]] = sql.run("SELECT to_jsonb(jobs) FROM jobs WHERE id = :id", id=job_id)
    return dict(found)


@pytest.mark.parametrize("status", FINAL)
def test_a_deleted_job_is_invisible_and_keeps_its_terminal_state(
    records: JobRecords, deletions: DeletionRecords, database: Database, user_id: str, sql: Any, status: Status
) -> None:
    ended = in_status(records, user_id, status)
    marked = mark(deletions, ended)
    assert (marked.job.revision, marked.job.status, marked.is_erased) == (ended.revision + 1, status, False)
    assert records.find(ended.id) is None
    assert JobLists(database).page(user_id, Filters(), before_id=None, limit=9) == []
    assert records.changed_between(NOW - timedelta(days=1), NOW + timedelta(days=1), limit=9) == []
    assert records.find_any(ended.id) == marked.job
    assert history(sql, ended.id)[-1] == [marked.job.revision, status, status, "deleted_by_client"]


@pytest.mark.parametrize("status", [status for status in Status if not status.is_final])
def test_a_job_that_runs_is_not_marked(
    records: JobRecords, deletions: DeletionRecords, user_id: str, status: Status
) -> None:
    running = in_status(records, user_id, status)
    assert deletions.mark(running.id, user_id, now=LATER, erase_at=SOON) is None
    assert records.find(running.id) == running


def test_a_user_can_mark_only_own_existing_jobs(
    records: JobRecords, deletions: DeletionRecords, user_id: str, sql: Any
) -> None:
    done = finished(records, user_id)
    assert deletions.mark(done.id, add_user(sql), now=LATER, erase_at=SOON) is None
    assert deletions.mark(str(uuid4()), user_id, now=LATER, erase_at=SOON) is None
    assert records.find(done.id) == done


def test_a_second_deletion_changes_nothing_and_returns_whether_all_is_erased(
    records: JobRecords, deletions: DeletionRecords, user_id: str, sql: Any
) -> None:
    done = finished(records, user_id)
    first, before = mark(deletions, done), row(sql, done.id)
    again = deletions.mark(done.id, user_id, now=LATER + timedelta(days=1), erase_at=SOON)
    assert again == first
    assert row(sql, done.id) == before
    deletions.scrub(done.id, erase_at=None)
    assert mark(deletions, done).is_erased
    assert len(history(sql, done.id)) == 5


def test_personal_data_is_removed_and_accounting_stays(
    records: JobRecords, deletions: DeletionRecords, user_id: str, sql: Any
) -> None:
    done, other = finished(records, user_id), finished(records, user_id)
    before, others = row(sql, done.id), row(sql, other.id)
    mark(deletions, done)
    deletions.scrub(done.id, erase_at=None)
    after = row(sql, done.id)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"params", "metadata", "revision", "deleted_at"}
    assert (after["params"], after["metadata"]) == ({}, {})
    details = [each for [each] in sql.run("SELECT details FROM job_events WHERE job_id = :id ORDER BY id", id=done.id)]
    assert details == [{}, {}, {}, {"metrics": {"predict_time": 1.5, "image_count": 2}}, {}]
    assert sql.run("SELECT job_id::text FROM media_outputs") == [[other.id]]
    assert "Apfel" not in json.dumps(after) and "boat" not in json.dumps(details)
    assert row(sql, other.id) == others


def test_a_job_that_is_not_deleted_cannot_be_scrubbed(
    records: JobRecords, deletions: DeletionRecords, user_id: str
) -> None:
    done = finished(records, user_id)
    deletions.scrub(done.id, erase_at=None)
    assert records.find(done.id) == done


def test_due_erasures_are_claimed_by_one_worker_and_in_order(
    records: JobRecords, deletions: DeletionRecords, user_id: str
) -> None:
    first, second = finished(records, user_id), finished(records, user_id)
    deletions.mark(second.id, user_id, now=LATER, erase_at=SOON + timedelta(seconds=1))
    mark(deletions, first)
    again_in = timedelta(minutes=4)
    assert deletions.claim(now=SOON - timedelta(microseconds=1), again_in=again_in, limit=9) == []
    taken = [
        [left.job.id for left in deletions.claim(now=SOON + timedelta(seconds=2), again_in=again_in, limit=1)]
        for _ in range(3)
    ]
    assert taken == [[first.id], [second.id], []]
    deletions.scrub(first.id, erase_at=None)
    left = deletions.claim(now=SOON + timedelta(hours=1), again_in=again_in, limit=9)
    assert [each.job.id for each in left] == [second.id]


@pytest.mark.parametrize(
    ("target", "known_at_replicate", "is_looked_after"),
    [
        (Status.FAILED, True, True),
        (Status.CANCELED, True, True),
        (Status.COMPLETED, True, False),
        (Status.FAILED, False, False),
    ],
)
def test_media_of_a_job_without_a_result_is_erased_once_no_writer_remains(
    records: JobRecords,
    deletions: DeletionRecords,
    user_id: str,
    target: Status,
    known_at_replicate: bool,
    is_looked_after: bool,
) -> None:
    new, again_in = added(records, user_id), timedelta(minutes=4)
    if known_at_replicate:
        records.move(new.id, Status.PROCESSING, Change("a", replicate_id=f"p-{new.id}"), now=NOW)
    change = Change("b", error=failure("media_expired") if target is Status.FAILED else None)
    ended = records.move(new.id, target, change, now=NOW)
    assert ended
    early = NOW + STORING - timedelta(microseconds=1)
    assert deletions.claim(now=early, again_in=again_in, limit=9) == []
    left = deletions.claim(now=NOW + STORING, again_in=again_in, limit=9)
    assert left == ([Leftover(ended, False)] if is_looked_after else [])
    deletions.cleared(new.id)
    assert deletions.claim(now=NOW + timedelta(hours=1), again_in=again_in, limit=9) == []


def test_of_many_marks_at_once_one_counts_and_all_see_the_same(
    databases: Callable[[], Database], records: JobRecords, user_id: str, sql: Any
) -> None:
    done = finished(records, user_id)
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE", id=done.id)
    with ThreadPoolExecutor(RIVALS) as pool:
        marks = [pool.submit(mark, DeletionRecords(databases()), done) for _ in range(RIVALS)]
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        eventually(lambda: sql.run(waiting) == [[RIVALS]], "all waiting")
        sql.run("ROLLBACK")
        seen = [each.result() for each in marks]
    assert seen == [Deleted(replace(done, revision=done.revision + 1, outputs=()), is_erased=False)] * RIVALS
    assert [row[3] for row in history(sql, done.id)].count("deleted_by_client") == 1


def test_a_late_result_finds_the_job_by_its_prediction_and_cannot_move_it(
    records: JobRecords, deletions: DeletionRecords, user_id: str
) -> None:
    done = finished(records, user_id)
    marked = mark(deletions, done)
    assert records.find_by_replicate_id(f"p-{done.id}") == records.find_any(done.id)
    for target in FINAL:
        assert records.move(done.id, target, Change("late"), now=LATER) is None
    assert (records.find_any(done.id) or done).revision == marked.job.revision

"""The outbox: exactly one row for each completed job with a callback, and never two workers for one attempt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from integration.stores.jobs import NOW, added, change_to
from integration.stores.test_job_races import ENDS, at_once
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.callbacks import LEASE, CallbackRecords, Claimed, Try
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords

URL = "https://hooks.example.com/vsl?token=1"
SECOND, LATER = timedelta(seconds=1), NOW + timedelta(hours=1)


@pytest.fixture
def callbacks(database: Database) -> CallbackRecords:
    return CallbackRecords(database)


def rows(sql: Any, job_id: str) -> Any:
    return sql.run("SELECT url, state, tries, created_at, next_try_at FROM callbacks WHERE job_id = :id", id=job_id)


def ended(records: JobRecords, user_id: str, url: str | None = URL) -> Job:
    new = added(records, user_id, callback_url=url)
    moved = records.move(new.id, Status.FAILED, change_to(Status.FAILED), now=NOW)
    assert moved is not None
    return moved


def tried(number: int, status: int | None = 200, error: str | None = None) -> Try:
    return Try(number, NOW, 120, status, error)


def test_the_address_of_a_job_is_kept_with_it(records: JobRecords, user_id: str) -> None:
    new = added(records, user_id, callback_url=URL)
    assert records.find(new.id) == new
    assert new.callback_url == URL


@pytest.mark.parametrize("target", ENDS)
def test_completing_a_job_writes_its_callback(records: JobRecords, user_id: str, sql: Any, target: Status) -> None:
    new = added(records, user_id, callback_url=URL)
    records.move(new.id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)
    assert rows(sql, new.id) == []
    for _ in range(2):  # the second one loses
        records.move(new.id, target, change_to(target), now=LATER)
    assert rows(sql, new.id) == [[URL, "pending", 0, LATER, LATER]]


def test_a_job_without_an_address_has_no_callback(records: JobRecords, user_id: str, sql: Any) -> None:
    assert rows(sql, ended(records, user_id, None).id) == []


def test_exactly_one_of_many_completions_writes_a_callback(
    databases: Callable[[], Database], records: JobRecords, user_id: str, sql: Any
) -> None:
    new = added(records, user_id, callback_url=URL)
    records.move(new.id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)

    def end(number: int, mine: JobRecords) -> Job | None:
        target = ENDS[number % len(ENDS)]
        return mine.move(new.id, target, change_to(target), now=NOW)

    assert len(at_once(databases, sql, new.id, end)) == 1
    assert len(rows(sql, new.id)) == 1


def test_exactly_one_of_many_workers_claims_the_attempt(
    databases: Callable[[], Database], records: JobRecords, user_id: str
) -> None:
    job, barrier = ended(records, user_id), Barrier(8)

    def claim(mine: CallbackRecords) -> Claimed | None:
        barrier.wait()
        return mine.claim(job.id, now=NOW)

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(claim, [CallbackRecords(databases()) for _ in range(8)]))
    assert [claimed.number for claimed in claims if claimed] == [1]


def test_an_attempt_is_claimed_when_due_and_again_after_its_lease(
    callbacks: CallbackRecords, records: JobRecords, user_id: str
) -> None:
    job = ended(records, user_id)
    assert callbacks.claim(job.id, now=NOW - timedelta(minutes=1)) is None
    first = callbacks.claim(job.id, now=NOW)
    assert first is not None
    assert (first.url, first.number) == (URL, 1)
    assert callbacks.claim(job.id, now=NOW + LEASE - SECOND) is None
    assert callbacks.claim(job.id, now=NOW + LEASE) == Claimed(first.id, URL, 2)


def test_a_worker_after_its_lease_logs_the_attempt_and_changes_nothing(
    callbacks: CallbackRecords, records: JobRecords, user_id: str, sql: Any
) -> None:
    job = ended(records, user_id)
    first, second = callbacks.claim(job.id, now=NOW), callbacks.claim(job.id, now=NOW + LEASE)
    assert first and second
    callbacks.settle(first.id, tried(1, 500), state="failed", next_try_at=None)
    assert rows(sql, job.id)[0][1] == "pending"
    callbacks.settle(second.id, tried(2), state="delivered", next_try_at=None)
    assert rows(sql, job.id)[0][1] == "delivered"
    assert callbacks.tries(first.id) == [tried(2), tried(1, 500)]


def test_a_settled_attempt_is_logged_once_although_its_answer_was_lost(
    callbacks: CallbackRecords, records: JobRecords, user_id: str
) -> None:
    job = ended(records, user_id)
    claimed = callbacks.claim(job.id, now=NOW)
    assert claimed
    for _ in range(2):
        callbacks.settle(claimed.id, tried(1, None, "timed_out"), state="pending", next_try_at=LATER)
    assert callbacks.tries(claimed.id) == [tried(1, None, "timed_out")]
    callback = callbacks.find(job.id)
    assert callback is not None
    assert (callback.state, callback.tries, callback.next_try_at) == ("pending", 1, LATER)
    assert callbacks.claim(job.id, now=NOW + LEASE) is None
    assert callbacks.claim(job.id, now=LATER) == Claimed(claimed.id, URL, 2)


def test_due_callbacks_without_a_worker_are_listed_longest_due_first(
    callbacks: CallbackRecords, records: JobRecords, user_id: str
) -> None:
    crashed, waiting, delivered, at_work = (ended(records, user_id) for _ in range(4))
    callbacks.claim(crashed.id, now=NOW - SECOND)  # its worker has crashed
    for job, state, again in ((waiting, "pending", NOW - SECOND), (delivered, "delivered", None)):
        claimed = callbacks.claim(job.id, now=NOW)
        assert claimed
        callbacks.settle(claimed.id, tried(1), state=state, next_try_at=again)
    callbacks.claim(at_work.id, now=NOW + LEASE)
    now = NOW + LEASE
    assert callbacks.due(before=now, now=now, limit=10) == [waiting.id, crashed.id]
    assert callbacks.due(before=now, now=now, limit=1) == [waiting.id]
    assert callbacks.due(before=NOW - 2 * SECOND, now=now, limit=10) == []


def test_a_callback_is_made_due_again_unless_an_attempt_is_running(
    callbacks: CallbackRecords, records: JobRecords, user_id: str, sql: Any
) -> None:
    job = ended(records, user_id)
    claimed = callbacks.claim(job.id, now=NOW)
    assert claimed
    callbacks.again(claimed.id, now=NOW + SECOND)
    assert rows(sql, job.id) == [[URL, "pending", 1, NOW, NOW]]
    callbacks.settle(claimed.id, tried(1), state="delivered", next_try_at=None)
    callbacks.again(claimed.id, now=LATER)
    assert rows(sql, job.id) == [[URL, "pending", 1, NOW, LATER]]
    assert callbacks.claim(job.id, now=LATER) == Claimed(claimed.id, URL, 2)


def test_exhausted_and_delivered_callbacks_are_not_due(
    callbacks: CallbackRecords, records: JobRecords, user_id: str, sql: Any
) -> None:
    waiting, delivered = ended(records, user_id), ended(records, user_id)
    claimed = callbacks.claim(delivered.id, now=NOW)
    assert claimed
    callbacks.settle(claimed.id, tried(1), state="delivered", next_try_at=None)
    for job in (waiting, delivered):
        callbacks.end(job.id)
    assert [rows(sql, job.id)[0][1] for job in (waiting, delivered)] == ["failed", "delivered"]
    assert callbacks.due(before=LATER, now=LATER, limit=10) == []


def test_a_job_without_a_callback_has_nothing_to_find_or_to_claim(
    callbacks: CallbackRecords, records: JobRecords, user_id: str
) -> None:
    job = ended(records, user_id, None)
    assert callbacks.find(job.id) is None
    assert callbacks.claim(job.id, now=NOW) is None

"""Batches on a real PostgreSQL: a batch is written with its jobs and its key, or not at all."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from integration.stores.jobs import NOW, add_user, batch, history, job
from integration.stores.test_claims import BODY, OTHER, claim, count
from integration.wire import at_port, counting_proxy
from mediagen.errors.refusals import BatchRefused, IdempotencyKeyReused, InvalidFields, Refusal, Unavailable
from mediagen.jobs.batches import Batch
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.batches import BatchRecords
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database, StatementFailed
from mediagen.records.job_lists import Filters, JobLists
from mediagen.records.jobs import JobRecords

RIVALS = 20
TABLES = ("batches", "jobs", "job_events", "idempotency_keys")

type MakeDatabase = Callable[[], Database]


@pytest.fixture
def claims(database: Database) -> ClaimRecords:
    return ClaimRecords(database)


@pytest.fixture
def batches(database: Database, records: JobRecords) -> BatchRecords:
    return BatchRecords(database, records)


def counts(sql: Any) -> list[int]:
    return [count(sql, table) for table in TABLES]


def add(batches: BatchRecords, made: Batch, *, claim: Claim | None = None) -> bool:
    """Record a batch; return whether this call recorded it."""
    refused = InvalidFields("1 of the fields is not right.")
    drafts = [one if isinstance(one, Job) else refused for one in made.results]
    recorded = batches.add(made.id, made.user_id, drafts, check_at=NOW, claim=claim)
    assert recorded in (None, made)
    return recorded is not None


def without_params(made: Batch) -> Batch:
    """Return a batch as it is read, without its jobs' params."""
    results = tuple(replace(one, params={}) if isinstance(one, Job) else one for one in made.results)
    return replace(made, results=results)


def test_a_batch_is_read_as_it_was_recorded_in_the_order_of_its_requests(
    batches: BatchRecords, user_id: str, sql: Any
) -> None:
    made = batch(user_id, 5)
    assert add(batches, made)
    found = batches.find(made.id)
    assert found == without_params(made)
    assert json.dumps(found.refusals) == json.dumps(made.refusals)
    assert counts(sql) == [1, 5, 5, 0]
    assert history(sql, made.jobs[0].id) == [[0, None, "queued", "accepted"]]


def test_its_jobs_are_jobs_like_others(
    batches: BatchRecords, records: JobRecords, database: Database, user_id: str
) -> None:
    made = batch(user_id)
    add(batches, made)
    first = made.jobs[0]
    assert records.find(first.id) == first
    assert len(JobLists(database).page(user_id, Filters(), before_id=None, limit=10)) == 2
    assert len(records.claim_waiting(now=NOW, again_in=timedelta(minutes=4), limit=10)) == 2
    moved = records.move(first.id, Status.SUBMITTING, Change("submit"), now=NOW)
    assert moved and (moved.revision, moved.batch_id) == (1, made.id)
    found = batches.find(made.id)
    assert found and [one.status for one in found.jobs] == ["submitting", "queued"]


def test_there_is_no_batch_that_was_not_recorded(batches: BatchRecords, user_id: str) -> None:
    assert batches.find(batch(user_id).id) is None


def test_one_job_that_cannot_be_recorded_leaves_nothing_of_the_batch(
    batches: BatchRecords, user_id: str, sql: Any
) -> None:
    made = batch(user_id, 3)
    wrong = (*made.results[:-1], replace(made.jobs[-1], media_type="hologram"))
    with pytest.raises(StatementFailed):
        add(batches, replace(made, results=wrong), claim=claim(user_id))
    assert counts(sql) == [0, 0, 0, 0]
    assert add(batches, made, claim=claim(user_id))  # the connection is still usable


def test_a_key_finds_its_batch_and_the_second_request_records_nothing(
    batches: BatchRecords, claims: ClaimRecords, user_id: str, sql: Any
) -> None:
    made, mine = batch(user_id), claim(user_id)
    assert claims.find_batch(mine) is None
    assert add(batches, made, claim=mine)
    assert not add(batches, batch(user_id), claim=mine)
    assert not add(batches, made, claim=mine)  # the same statement again, after its first answer was lost
    assert (claims.find_batch(mine), counts(sql)) == (made.id, [1, 2, 2, 1])
    with pytest.raises(IdempotencyKeyReused):
        claims.find_batch(claim(user_id, body=OTHER))
    assert claims.find_batch(claim(add_user(sql))) is None


def test_a_key_of_a_batch_is_none_of_a_job_and_the_other_way_round(
    batches: BatchRecords, records: JobRecords, claims: ClaimRecords, user_id: str
) -> None:
    of_batch, of_job = claim(user_id, key="key 1"), claim(user_id, key="key 2")
    add(batches, batch(user_id), claim=of_batch)
    records.add(job(user_id), check_at=NOW, claim=of_job)
    assert not records.add(job(user_id), check_at=NOW, claim=of_batch)
    assert not add(batches, batch(user_id), claim=of_job)
    with pytest.raises(IdempotencyKeyReused):
        claims.find(of_batch)
    with pytest.raises(IdempotencyKeyReused):
        claims.find_batch(of_job)


def test_after_a_day_a_key_goes_from_a_batch_to_a_job_and_back(
    batches: BatchRecords, records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any
) -> None:
    days = [claim(user_id, NOW + timedelta(days=day), BODY) for day in range(3)]
    first, second, third = batch(user_id), job(user_id), batch(user_id)
    assert add(batches, first, claim=days[0])
    assert records.add(second, check_at=NOW, claim=days[1])
    assert claims.find(days[1]) == second.id
    assert add(batches, third, claim=days[2])
    assert (claims.find_batch(days[2]), count(sql, "idempotency_keys")) == (third.id, 1)
    claims.forget(now=NOW + timedelta(days=4))
    assert counts(sql) == [2, 5, 6, 0]


def test_of_many_equal_batches_at_once_one_is_recorded(databases: MakeDatabase, user_id: str, sql: Any) -> None:
    barrier = Barrier(RIVALS)

    def rival(_: int) -> bool:
        database = databases()
        database.run("SELECT 1")
        barrier.wait()
        return add(BatchRecords(database, JobRecords(database)), batch(user_id, 5), claim=claim(user_id))

    with ThreadPoolExecutor(RIVALS) as pool:
        assert sum(pool.map(rival, range(RIVALS))) == 1
    assert counts(sql) == [1, 5, 5, 1]


def test_each_job_is_a_round_trip_and_the_batch_four_more(instance_url: str, user_id: str) -> None:
    with counting_proxy(instance_url) as proxied:
        database = Database(lambda: at_port(instance_url, proxied.port))
        batches = BatchRecords(database, JobRecords(database))
        for key in ("prepares the statements", "counted"):
            proxied.reset()
            assert add(batches, batch(user_id, 10), claim=claim(user_id, key=key))
        assert proxied.round_trips == 10 + 4
        database.close()


class Choosy(JobRecords):
    """Refuses some jobs, as limits do."""

    def __init__(self, database: Database, refused: dict[int, Refusal]) -> None:
        super().__init__(database)
        self.refused = refused

    def add(self, job: Job, **more: Any) -> bool:
        if job.batch_index in self.refused:
            raise self.refused[job.batch_index]
        return super().add(job, **more)


def test_a_job_that_is_refused_while_it_is_recorded_is_the_only_one(database: Database, user_id: str, sql: Any) -> None:
    jobs = Choosy(database, {2: Refusal("Enough.")})
    made = batch(user_id, 3)
    recorded = BatchRecords(database, jobs).add(made.id, user_id, made.jobs, check_at=NOW)
    assert recorded and [getattr(one, "status", None) for one in recorded.results] == ["queued", None, "queued"]
    assert counts(sql) == [1, 2, 2, 0]


@pytest.mark.parametrize("refusal", [Refusal("Enough."), Unavailable("Away.")])
def test_if_all_are_refused_or_postgresql_fails_nothing_is_recorded(
    database: Database, user_id: str, sql: Any, refusal: Refusal
) -> None:
    jobs = Choosy(database, {2: refusal} if refusal.retryable else {0: refusal, 2: refusal})
    made = batch(user_id)
    with pytest.raises((BatchRefused, Unavailable)):
        BatchRecords(database, jobs).add(made.id, user_id, made.jobs, check_at=NOW, claim=claim(user_id))
    assert counts(sql) == [0, 0, 0, 0]

"""Idempotency keys on a real PostgreSQL: each is written with its job or not at all, and expires after a day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.stores.jobs import NOW, add_user, history, job
from integration.waiting import eventually
from integration.wire import at_port, counting_proxy
from mediagen.errors.refusals import IdempotencyKeyReused
from mediagen.jobs.idempotency import Claim, fingerprint
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database, StatementFailed
from mediagen.records.jobs import JobRecords

BODY, OTHER = fingerprint({"prompt": "a"}), fingerprint({"prompt": "b"})
DAY = timedelta(hours=24)
TICK = timedelta(microseconds=1)
RIVALS = 12

type MakeDatabase = Callable[[], Database]


@pytest.fixture
def claims(database: Database) -> ClaimRecords:
    return ClaimRecords(database)


def claim(user_id: str, now: datetime = NOW, body: bytes = BODY, key: str = "key 1") -> Claim:
    return Claim(user_id, key, body, now)


def count(sql: Any, table: str) -> int:
    return int(sql.run(f"SELECT count(*) FROM {table}")[0][0])


def test_a_claim_is_recorded_with_its_job(records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any) -> None:
    new, mine = job(user_id), claim(user_id)
    assert claims.find(mine) is None
    assert records.add(new, check_at=NOW, claim=mine)
    assert (claims.find(mine), records.find(new.id)) == (new.id, new)
    assert history(sql, new.id) == [[0, None, "queued", "accepted"], [1, "queued", "submitting", "submit"]]


def test_the_second_request_records_nothing(records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any) -> None:
    new, mine = job(user_id), claim(user_id)
    records.add(new, check_at=NOW, claim=mine)
    assert not records.add(job(user_id), check_at=NOW, claim=mine)
    assert not records.add(job(user_id), check_at=NOW, claim=claim(user_id, body=OTHER))
    assert (claims.find(mine), count(sql, "jobs"), count(sql, "job_events")) == (new.id, 1, 2)


def test_another_body_is_refused(records: JobRecords, claims: ClaimRecords, user_id: str) -> None:
    records.add(job(user_id), check_at=NOW, claim=claim(user_id))
    with pytest.raises(IdempotencyKeyReused):
        claims.find(claim(user_id, body=OTHER))


def test_a_key_belongs_to_its_user(records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any) -> None:
    other = add_user(sql)
    records.add(job(user_id), check_at=NOW, claim=claim(user_id))
    assert claims.find(claim(other, body=OTHER)) is None
    assert records.add(job(other), check_at=NOW, claim=claim(other, body=OTHER))


def test_a_job_that_cannot_be_recorded_leaves_no_key_behind(records: JobRecords, user_id: str, sql: Any) -> None:
    with pytest.raises(StatementFailed):
        records.add(job(user_id, media_type="hologram"), check_at=NOW, claim=claim(user_id))
    assert count(sql, "idempotency_keys") == 0


def test_a_claim_recorded_twice_is_still_the_same_jobs(
    records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any
) -> None:
    """If a statement's answer is lost, the statement is repeated; it finds its own row, and `find` returns that job."""
    new, mine = job(user_id), claim(user_id)
    assert records.add(new, check_at=NOW, claim=mine)
    assert not records.add(new, check_at=NOW, claim=mine)
    assert (claims.find(mine), count(sql, "jobs"), count(sql, "job_events")) == (new.id, 1, 2)


@pytest.mark.parametrize("body", [BODY, OTHER])
def test_a_key_can_be_used_anew_after_a_day_to_the_microsecond(
    records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any, body: bytes
) -> None:
    first, second = job(user_id), job(user_id)
    records.add(first, check_at=NOW, claim=claim(user_id))
    assert claims.find(claim(user_id, NOW + DAY - TICK)) == first.id
    assert not records.add(second, check_at=NOW, claim=claim(user_id, NOW + DAY - TICK))
    later = claim(user_id, NOW + DAY, body)
    assert claims.find(later) is None
    assert records.add(second, check_at=NOW, claim=later)
    assert (claims.find(later), count(sql, "idempotency_keys")) == (second.id, 1)


def test_old_keys_are_forgotten_and_nothing_else_is(
    records: JobRecords, claims: ClaimRecords, user_id: str, sql: Any
) -> None:
    for hours in range(4):
        mine = claim(user_id, NOW + timedelta(hours=hours), key=f"key {hours}")
        records.add(job(user_id), check_at=NOW, claim=mine)
    claims.forget(now=NOW + DAY - TICK)
    assert count(sql, "idempotency_keys") == 4
    claims.forget(now=NOW + DAY + timedelta(hours=2), limit=2)
    assert sql.run("SELECT key FROM idempotency_keys ORDER BY key") == [["key 2"], ["key 3"]]  # oldest deleted first
    claims.forget(now=NOW + DAY + timedelta(hours=2))
    assert (count(sql, "idempotency_keys"), count(sql, "jobs")) == (1, 4)


def rivals(databases: MakeDatabase, sql: Any, user_id: str, end: str) -> list[bool]:
    """Let many claim a key while another transaction holds it, then end that transaction; return each result."""
    sql.run("BEGIN")
    sql.run(
        "INSERT INTO idempotency_keys SELECT :user, 'key 1', :body, id, :now FROM jobs",
        user=user_id,
        body=OTHER,
        now=NOW,
    )
    with ThreadPoolExecutor(RIVALS) as pool:
        adds = [
            pool.submit(JobRecords(databases()).add, job(user_id), check_at=NOW, claim=claim(user_id))
            for _ in range(RIVALS)
        ]
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        eventually(lambda: sql.run(waiting) == [[RIVALS]], "all rivals waiting")
        sql.run(end)
        return [add.result() for add in adds]


@pytest.mark.parametrize(("end", "winners"), [("COMMIT", 0), ("ROLLBACK", 1)])
def test_waiting_claims_lose_if_the_first_commits_and_one_wins_if_it_rolls_back(
    databases: MakeDatabase, records: JobRecords, user_id: str, sql: Any, end: str, winners: int
) -> None:
    records.add(job(user_id), check_at=NOW)
    assert sum(rivals(databases, sql, user_id, end)) == winners
    assert (count(sql, "jobs"), count(sql, "idempotency_keys")) == (1 + winners, 1)


def test_a_request_with_a_key_costs_one_round_trip_more(instance_url: str, user_id: str) -> None:
    with counting_proxy(instance_url) as counts:
        database = Database(lambda: at_port(instance_url, counts.port))
        records, claims = JobRecords(database), ClaimRecords(database)
        for key in ("prepares the statements", "counted"):
            counts.reset()
            assert claims.find(claim(user_id, key=key)) is None
            assert records.add(job(user_id), check_at=NOW, claim=claim(user_id, key=key))
        assert counts.round_trips == 2
        database.close()

"""Transactions lock rows in one order of tables (ADR 45), so that no two of them deadlock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from integration.stores.jobs import NOW, batch, job
from integration.stores.locking import ORDER, TRANSACTIONS, World, locked_while_waiting
from integration.stores.test_claims import claim, count
from integration.waiting import eventually
from mediagen.limits.budget import Limits
from mediagen.records.access import AccessRecords
from mediagen.records.batches import BatchRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords

LIMITS = Limits(concurrent_jobs=100)
LOCK_KEYS = "SELECT 1 FROM idempotency_keys FOR NO KEY UPDATE"
LOCK_USERS = "SELECT 1 FROM users FOR NO KEY UPDATE"
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"

type MakeDatabase = Callable[[], Database]


class PausedRecords(JobRecords):
    """Waits before each job of a batch, because the job's key is claimed then."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.is_claimed, self.may_go_on = Event(), Event()

    def add(self, *job: Any, **how: Any) -> bool:
        self.is_claimed.set()
        assert self.may_go_on.wait(20)
        return super().add(*job, **how)


def connection_of(database: Database) -> int:
    """Return the server process of a connection, which changes after a deadlock."""
    return int(database.run("SELECT pg_backend_pid() AS pid")[0]["pid"])


@pytest.mark.parametrize("limits", ["of the user", "of the platform", "none"])
def test_a_batch_and_a_request_with_the_same_key_do_not_deadlock(
    limits: str, databases: MakeDatabase, access: AccessRecords, user_id: str, sql: Any
) -> None:
    if limits == "of the user":
        access.set_limits(user_id, {"concurrentJobs": 100})
    how: dict[str, Any] = {"check_at": NOW, "defaults": LIMITS} if limits == "of the platform" else {"check_at": NOW}
    together, alone = databases(), databases()
    before = connection_of(together), connection_of(alone)
    paused, made, mine = PausedRecords(together), batch(user_id), claim(user_id)
    with ThreadPoolExecutor(2) as pool:
        recorded = pool.submit(BatchRecords(together, paused).add, made.id, user_id, made.jobs, claim=mine, **how)
        assert paused.is_claimed.wait(20)
        single = pool.submit(JobRecords(alone).add, job(user_id), claim=mine, **how)
        eventually(lambda: sql.run(WAITING) == [[1]], "the request waiting for the batch")
        paused.may_go_on.set()
        assert recorded.result() and not single.result()
    assert (connection_of(together), connection_of(alone)) == before
    assert count(sql, "jobs") == len(made.jobs)


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_a_transaction_waits_only_for_tables_after_those_it_has_locked(
    name: str, databases: MakeDatabase, user_id: str, sql: Any
) -> None:
    world, other = World(databases(), user_id), databases()
    world.fill()
    for table in ORDER:
        held = locked_while_waiting(TRANSACTIONS[name](world), table, other, sql)
        assert all(ORDER.index(each) < ORDER.index(table) for each in held), (table, held)


def test_locks_in_the_wrong_order_are_seen(databases: MakeDatabase, user_id: str, sql: Any) -> None:
    world = World(databases(), user_id)
    world.fill()
    world.outdated_key()

    def key_first(database: Database) -> None:
        database.together(lambda: [database.run(statement) for statement in (LOCK_KEYS, LOCK_USERS)])

    assert locked_while_waiting(key_first, "users", databases(), sql) == {"idempotency_keys"}

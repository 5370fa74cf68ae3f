"""User limits under concurrency: exact to the last job and the last cent."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

from integration.stores.jobs import NOW, change_to
from integration.stores.limits import PRICE, add, budget, end, tried
from integration.waiting import eventually
from mediagen.errors.refusals import Refusal, TooManyRunningJobs
from mediagen.jobs.failures import failure
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.access import AccessRecords
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords

CLIENTS = 20  # connections; PostgreSQL is slow with hundreds

type MakeDatabase = Callable[[], Database]


def at_once(databases: MakeDatabase, number: int, act: Callable[[JobRecords], str]) -> Counter[str]:
    """Run many clients in parallel, each with its own connection, several times each; count the outcomes."""
    barrier = Barrier(CLIENTS)

    def client(_: int) -> list[str]:
        database = databases()
        database.run("SELECT 1")
        barrier.wait()
        return [act(JobRecords(database)) for _ in range(number // CLIENTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(told for all_told in pool.map(client, range(CLIENTS)) for told in all_told)


def test_of_a_hundred_requests_at_once_a_budget_takes_what_it_can_pay_to_the_cent(
    databases: MakeDatabase, database: Database, access: AccessRecords, user_id: str
) -> None:
    access.set_limits(user_id, {"monthlyBudget": Decimal("9.29")})
    told = at_once(databases, 100, lambda mine: tried(mine, user_id))
    assert told == {"recorded": 30, "budget_exceeded": 70}
    assert budget(database, user_id) == (0, Decimal("9.00"))


def test_of_a_hundred_requests_at_once_as_many_run_as_may(
    databases: MakeDatabase, access: AccessRecords, user_id: str, sql: Any
) -> None:
    access.set_limits(user_id, {"concurrentJobs": 7})
    assert at_once(databases, 100, lambda mine: tried(mine, user_id)) == {"recorded": 7, "too_many_running_jobs": 93}
    assert sql.run("SELECT count(*) FROM jobs") == [[7]]


def test_jobs_that_start_and_end_at_once_are_settled_to_the_cent(
    databases: MakeDatabase, database: Database, access: AccessRecords, user_id: str
) -> None:
    access.set_limits(user_id, {"concurrentJobs": 3, "monthlyBudget": Decimal("6.00")})

    def act(mine: JobRecords) -> str:
        while True:
            try:
                new = add(mine, user_id)
            except TooManyRunningJobs:
                continue  # three other jobs run; how often this happens depends on the machine
            except Refusal as refusal:
                return refusal.code
            break
        done = end(mine, new.id, Status.COMPLETED, PRICE / 2)
        return "ended" if done else "lost"

    told = at_once(databases, 200, act)
    assert set(told) <= {"ended", "budget_exceeded"}
    assert told["ended"] >= 20  # six dollars pay for at least twenty estimates
    assert budget(database, user_id) == (told["ended"] * PRICE / 2, 0)
    assert budget(database, user_id)[0] <= 6


def test_only_the_winning_completion_releases_the_reservation(
    databases: MakeDatabase, database: Database, records: JobRecords, access: AccessRecords, user_id: str, sql: Any
) -> None:
    """The webhook, a cancel and the poller compete: the row is held until all of them wait."""
    access.set_limits(user_id, {"monthlyBudget": Decimal("10")})
    running, other = add(records, user_id), add(records, user_id)
    records.move(running.id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)
    ends = {
        Status.COMPLETED: Change("succeeded", cost=Decimal("0.11")),
        Status.CANCELED: Change("canceled_by_client", cost=PRICE),
        Status.FAILED: Change("deadline_exceeded", error=failure("deadline_exceeded")),
    }
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE", id=running.id)
    with ThreadPoolExecutor(9) as pool:
        moves = [
            pool.submit(JobRecords(databases()).move, running.id, target, change, now=NOW)
            for _ in range(3)
            for target, change in ends.items()
        ]
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        eventually(lambda: sql.run(waiting) == [[9]], "all of them waiting")
        sql.run("ROLLBACK")
        [winner] = [moved for move in moves if (moved := move.result())]
    assert budget(database, user_id) == (ends[winner.status].cost or 0, PRICE)
    assert end(records, other.id, Status.FAILED, Decimal(0))
    assert budget(database, user_id) == (ends[winner.status].cost or 0, 0)


def test_a_refused_request_leaves_no_key_and_a_repeated_one_reserves_nothing(
    databases: MakeDatabase, database: Database, records: JobRecords, access: AccessRecords, user_id: str, sql: Any
) -> None:
    access.set_limits(user_id, {"concurrentJobs": 5})
    one = Claim(user_id, "key", bytes(32), NOW)
    told = at_once(databases, 60, lambda mine: tried(mine, user_id, one))
    assert told["recorded"] == 1
    assert told["recorded"] + told["another's"] == 60
    for _ in range(4):
        add(records, user_id)
    other = Claim(user_id, "other key", bytes(32), NOW)
    assert tried(records, user_id, other) == "too_many_running_jobs"
    assert ClaimRecords(database).find(other) is None

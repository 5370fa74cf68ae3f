"""Limits of a user on a real PostgreSQL: how many jobs at a time, for how much money in a month. Exact to the last."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from integration.stores.jobs import NOW, add_user, change_to, job
from integration.waiting import eventually
from integration.wire import at_port, counting_proxy
from mediagen.access_records import AccessRecords
from mediagen.admission import NO_LIMITS, Limits
from mediagen.claim_records import ClaimRecords
from mediagen.database import Database
from mediagen.failures import failure
from mediagen.idempotency import Claim
from mediagen.job_records import Change, JobRecords
from mediagen.jobs import Job
from mediagen.refusals import BudgetExceeded, Refusal, TooManyRunningJobs
from mediagen.states import Status
from mediagen.usage_records import UsageRecords

PRICE = Decimal("0.30")
CLIENTS = 20  # connections; PostgreSQL is slow with hundreds
SHORTLY = timedelta(minutes=2)

type MakeDatabase = Callable[[], Database]


@pytest.fixture
def access(database: Database) -> AccessRecords:
    return AccessRecords(database)


def add(records: JobRecords, user_id: str, **changes: Any) -> Job:
    """Ask for one more job; gives it, or raises what it was refused with."""
    new = job(user_id, **({"estimated_cost": PRICE} | changes))
    assert records.add(new, check_at=NOW + SHORTLY)
    return new


def tried(records: JobRecords, user_id: str, claim: Claim | None = None) -> str:
    """Ask for one more job, and tell what came of it."""
    try:
        new = job(user_id, estimated_cost=PRICE)
        return "recorded" if records.add(new, check_at=NOW + SHORTLY, claim=claim) else "another's"
    except Refusal as refusal:
        return refusal.code


def end(records: JobRecords, job_id: str, target: Status, cost: Decimal | None = None) -> bool:
    """End a job, from wherever it stands; tells whether it was done here."""
    if target is Status.COMPLETED:
        records.move(job_id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)
    error = failure("generation_failed") if target is Status.FAILED else None
    return bool(records.move(job_id, target, Change("test", cost=cost, error=error), now=NOW))


def budget(database: Database, user_id: str) -> tuple[Any, Any]:
    """Tell what is spent and what is reserved."""
    account = UsageRecords(database).account(user_id, NOW.date(), NOW.date(), now=NOW, defaults=NO_LIMITS)
    return account.budget.spent, account.budget.reserved


def at_once(databases: MakeDatabase, number: int, act: Callable[[JobRecords], str]) -> Counter[str]:
    """Let many act, each client with a connection of its own, several times each; counts what came of it."""
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
        try:
            new = add(mine, user_id)
        except Refusal as refusal:
            return refusal.code
        done = end(mine, new.id, Status.COMPLETED, PRICE / 2)
        return "ended" if done else "lost"

    told = at_once(databases, 200, act)
    assert set(told) <= {"ended", "too_many_running_jobs", "budget_exceeded"}
    assert told["ended"] >= 20  # six dollars are twenty estimates at least
    assert budget(database, user_id) == (told["ended"] * PRICE / 2, 0)
    assert budget(database, user_id)[0] <= 6


def test_who_ends_a_job_first_releases_it_and_nobody_else_does(
    databases: MakeDatabase, database: Database, records: JobRecords, access: AccessRecords, user_id: str, sql: Any
) -> None:
    """The webhook, a cancel and the poller at the same moment: what is held is held until all of them wait."""
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


@pytest.mark.parametrize(
    ("target", "cost", "spent"),
    [
        (Status.COMPLETED, "0.25", "0.25"),
        (Status.COMPLETED, "0.50", "0.50"),
        (Status.FAILED, "0", "0"),
        (Status.FAILED, None, "0"),
        (Status.FAILED, "0.30", "0.30"),
        (Status.CANCELED, "0", "0"),
        (Status.CANCELED, "0.30", "0.30"),
    ],
)
def test_what_was_paid_is_spent_and_the_rest_is_there_again(
    records: JobRecords, database: Database, user_id: str, target: Status, cost: str | None, spent: str
) -> None:
    new = add(records, user_id)
    assert budget(database, user_id) == (0, PRICE)
    assert end(records, new.id, target, None if cost is None else Decimal(cost))
    assert budget(database, user_id) == (Decimal(spent), 0)


def test_a_budget_counts_what_was_there_before_it_was_set(
    records: JobRecords, access: AccessRecords, user_id: str
) -> None:
    end(records, add(records, user_id).id, Status.COMPLETED, PRICE)
    add(records, user_id)
    access.set_limits(user_id, {"monthlyBudget": Decimal("0.89")})
    with pytest.raises(BudgetExceeded) as refused:
        add(records, user_id)
    told = refused.value.extra["budget"]
    assert told == {
        "month": "2026-11",
        "endsAt": "2026-12-01T00:00:00.000Z",
        "limit": 0.89,
        "spent": 0.3,
        "reserved": 0.3,
        "remaining": 0.29,
    }
    access.set_limits(user_id, {"monthlyBudget": Decimal("0.90")})
    add(records, user_id)


def test_a_month_is_that_of_utc_and_of_the_acceptance(records: JobRecords, access: AccessRecords, user_id: str) -> None:
    access.set_limits(user_id, {"monthlyBudget": PRICE})
    first = NOW.replace(month=12, day=1, hour=0, minute=0, second=0, microsecond=0)
    november = add(records, user_id, now=first - timedelta(milliseconds=1))
    december = add(records, user_id, now=first)
    assert end(records, november.id, Status.COMPLETED, PRICE)  # whenever that is
    assert end(records, december.id, Status.FAILED)
    add(records, user_id, now=first)
    with pytest.raises(BudgetExceeded):
        add(records, user_id, now=first - timedelta(milliseconds=1))


def test_a_free_model_needs_no_budget(records: JobRecords, access: AccessRecords, user_id: str) -> None:
    access.set_limits(user_id, {"monthlyBudget": Decimal(0)})
    add(records, user_id, estimated_cost=Decimal(0))
    with pytest.raises(BudgetExceeded):
        add(records, user_id, estimated_cost=Decimal("0.000001"))


def test_a_users_own_limit_comes_before_the_platforms(
    records: JobRecords, access: AccessRecords, user_id: str, sql: Any
) -> None:
    defaults, other = Limits(1, PRICE), add_user(sql)
    access.set_limits(user_id, {"concurrentJobs": 2, "monthlyBudget": 3 * PRICE})
    new = [job(owner, estimated_cost=PRICE) for owner in (user_id, user_id, other)]
    for each in new:
        assert records.add(each, check_at=NOW + SHORTLY, defaults=defaults)
    for owner, limit in ((user_id, 2), (other, 1)):
        with pytest.raises(TooManyRunningJobs) as refused:
            records.add(job(owner), check_at=NOW + SHORTLY, defaults=defaults)
        assert refused.value.extra == {"running": {"limit": limit, "jobs": limit}}
        assert refused.value.retry_after_seconds == 6  # the first of them should take five seconds
    access.set_limits(user_id, {"concurrentJobs": None})
    with pytest.raises(TooManyRunningJobs, match="1 are allowed"):
        records.add(job(user_id), check_at=NOW + SHORTLY, defaults=defaults)


def test_one_users_jobs_are_nothing_to_another(
    databases: MakeDatabase, access: AccessRecords, records: JobRecords, user_id: str, sql: Any
) -> None:
    """Not even while the other's are being counted."""
    other = add_user(sql)
    for each in (user_id, other):
        access.set_limits(each, {"concurrentJobs": 1, "monthlyBudget": PRICE})
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM users WHERE id = :id FOR NO KEY UPDATE", id=user_id)
    add(records, other)
    sql.run("ROLLBACK")
    add(records, user_id)


def test_who_has_no_limit_waits_for_nobody(records: JobRecords, user_id: str, sql: Any) -> None:
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM users WHERE id = :id FOR NO KEY UPDATE", id=user_id)
    add(records, user_id)
    sql.run("ROLLBACK")


def test_a_statement_that_is_sent_again_is_not_refused_by_its_own_job(
    records: JobRecords, access: AccessRecords, user_id: str, sql: Any
) -> None:
    access.set_limits(user_id, {"concurrentJobs": 1, "monthlyBudget": PRICE})
    new = job(user_id, estimated_cost=PRICE)
    for _ in range(2):
        assert records.add(new, check_at=NOW + SHORTLY)
    assert sql.run("SELECT count(*) FROM jobs") == [[1]]


def test_a_refused_request_leaves_no_key_behind_and_one_that_is_repeated_takes_nothing(
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


@pytest.mark.parametrize("limits", [{}, {"concurrentJobs": 10, "monthlyBudget": Decimal(10)}])
def test_limits_cost_no_round_trip(
    database_url: str, access: AccessRecords, user_id: str, limits: dict[str, object]
) -> None:
    access.set_limits(user_id, limits)
    with counting_proxy(database_url) as counts:
        database = Database(lambda: at_port(database_url, counts.port))
        records = JobRecords(database)
        for _ in ("prepares the statement", "counted"):
            counts.reset()
            add(records, user_id)
        assert counts.round_trips == 1
        database.close()

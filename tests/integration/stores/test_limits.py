"""User limits on a real PostgreSQL: running jobs and the monthly budget, both exact."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from integration.stores.jobs import NOW, add_user, job
from integration.stores.limits import PRICE, SHORTLY, add, budget, end
from integration.wire import at_port, counting_proxy
from mediagen.errors.refusals import BudgetExceeded, TooManyRunningJobs
from mediagen.jobs.state import Status
from mediagen.limits.budget import Limits
from mediagen.records.access import AccessRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords


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
def test_the_paid_amount_is_spent_and_the_rest_is_released(
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


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_a_month_is_that_of_utc_and_of_the_acceptance(
    database: Database, records: JobRecords, access: AccessRecords, user_id: str, zone: str
) -> None:
    database.run(f"SET TIME ZONE '{zone}'")
    access.set_limits(user_id, {"monthlyBudget": PRICE})
    first = NOW.replace(month=12, day=1, hour=0, minute=0, second=0, microsecond=0)
    november = add(records, user_id, now=first - timedelta(milliseconds=1))
    december = add(records, user_id, now=first)
    assert end(records, november.id, Status.COMPLETED, PRICE)  # at any time
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
    access: AccessRecords, records: JobRecords, user_id: str, sql: Any
) -> None:
    """Not even while the other user's jobs are being counted."""
    other = add_user(sql)
    for each in (user_id, other):
        access.set_limits(each, {"concurrentJobs": 1, "monthlyBudget": PRICE})
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM users WHERE id = :id FOR NO KEY UPDATE", id=user_id)
    add(records, other)
    sql.run("ROLLBACK")
    add(records, user_id)


def test_a_user_without_limits_waits_for_no_lock(records: JobRecords, user_id: str, sql: Any) -> None:
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


@pytest.mark.parametrize("limits", [{}, {"concurrentJobs": 10, "monthlyBudget": Decimal(10)}])
def test_limits_cost_no_round_trip(
    instance_url: str, access: AccessRecords, user_id: str, limits: dict[str, object]
) -> None:
    access.set_limits(user_id, limits)
    with counting_proxy(instance_url) as counts:
        database = Database(lambda: at_port(instance_url, counts.port))
        records = JobRecords(database)
        for _ in ("prepares the statement", "counted"):
            counts.reset()
            add(records, user_id)
        assert counts.round_trips == 1
        database.close()

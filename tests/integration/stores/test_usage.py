"""Usage of users: whatever happens to jobs, the sums by day and model equal the sums over the jobs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apply_migrations.flow import apply_migrations, read_migrations
from integration.databases import MIGRATIONS, connected, empty_tables, new_database
from integration.stores.jobs import NOW, add_user, added, change_to, in_status, job
from mediagen.errors.refusals import BudgetExceeded
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.limits.budget import NO_LIMITS, Limits
from mediagen.records.access import AccessRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.records.usage import Account, UsageRecords, Used

DAY = timedelta(days=1)
TODAY = NOW.date()
# The table's expected content, computed from the jobs alone.
ADDED_UP = """
SELECT CAST(user_id AS text), CAST(created_at AT TIME ZONE 'UTC' AS date), media_type, model_id,
       count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed'),
       count(*) FILTER (WHERE status = 'canceled'), sum(COALESCE(cost, 0)),
       sum(COALESCE(predict_seconds, round(greatest(extract(epoch FROM completed_at - started_at), 0), 3), 0))
FROM jobs WHERE completed_at IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
KEPT = "SELECT CAST(user_id AS text), day, media_type, model_id, completed, failed, canceled, cost, seconds"


def kept(sql: Any) -> list[list[Any]]:
    """Return the table without the rows that were released to zero."""
    where = "WHERE completed + failed + canceled > 0"
    rows: list[list[Any]] = sql.run(f"{KEPT} FROM daily_usage {where} ORDER BY 1, 2, 3, 4")
    return rows


def account(
    database: Database,
    user_id: str,
    start: date = TODAY,
    end: date = TODAY + DAY,
    *,
    now: datetime = NOW,
    defaults: Limits = NO_LIMITS,
) -> Account:
    return UsageRecords(database).account(user_id, start, end, now=now, defaults=defaults)


def ended(records: JobRecords, user_id: str, *, took: float = 4, told: str | None = None, **changes: Any) -> Job:
    """Record a job that completed after some seconds; Replicate may have reported another duration."""
    new = added(records, user_id, **changes)
    records.move(new.id, Status.PROCESSING, change_to(Status.PROCESSING), now=new.created_at)
    change = Change("succeeded", cost=Decimal("0.003"), predict_seconds=Decimal(told) if told else None)
    moved = records.move(new.id, Status.COMPLETED, change, now=new.created_at + timedelta(seconds=took))
    assert moved
    return moved


def test_jobs_are_added_up_by_day_and_model(records: JobRecords, database: Database, user_id: str) -> None:
    ended(records, user_id)
    ended(records, user_id, told="1.5")
    ended(records, user_id, model_id="another")
    ended(records, user_id, now=NOW - DAY)
    in_status(records, user_id, Status.FAILED)
    added(records, user_id)
    image, price = ("image", "flux-schnell"), Decimal("0.003")
    assert account(database, user_id, TODAY - DAY).used == (
        Used(TODAY - DAY, *image, 1, 1, 0, 0, price, Decimal(4)),
        Used(TODAY, "image", "another", 1, 1, 0, 0, price, Decimal(4)),
        Used(TODAY, *image, 4, 2, 1, 0, 2 * price, Decimal("5.5")),
    )
    assert [used.day for used in account(database, user_id, TODAY - DAY, TODAY).used] == [TODAY - DAY]


def test_a_job_without_a_run_took_no_time(records: JobRecords, database: Database, user_id: str) -> None:
    new = added(records, user_id)
    records.move(new.id, Status.CANCELED, change_to(Status.CANCELED), now=NOW + DAY)
    [used] = account(database, user_id).used
    assert used.canceled == 1
    assert used.seconds == used.cost == 0


def test_a_day_is_one_of_utc(records: JobRecords, database: Database, user_id: str, sql: Any) -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    database.run("SET TIME ZONE 'Pacific/Auckland'")
    sql.run("SET TIME ZONE 'Pacific/Auckland'")
    for moment in (midnight - timedelta(milliseconds=1), midnight):
        ended(records, user_id, now=moment)
        added(records, user_id, now=moment)
    sql.run("RESET TIME ZONE")
    used = account(database, user_id, TODAY, TODAY + 2 * DAY).used
    assert [(each.day, each.jobs, each.completed) for each in used] == [(TODAY, 2, 1), (TODAY + DAY, 2, 1)]
    assert account(database, user_id).used == used[:1]


def test_a_user_without_jobs_has_an_account(database: Database, access: AccessRecords, user_id: str) -> None:
    access.set_limits(user_id, {"monthlyBudget": Decimal("1.50")})
    told = account(database, user_id, defaults=Limits(4, Decimal(9)))
    assert (told.used, told.running, told.job_limit) == ((), 0, 4)
    assert (told.budget.limit, told.budget.remaining) == (Decimal("1.50"), Decimal("1.50"))


def test_the_account_of_one_user_has_nothing_of_anothers(
    records: JobRecords, database: Database, user_id: str, sql: Any
) -> None:
    ended(records, add_user(sql))
    added(records, add_user(sql))
    told = account(database, user_id)
    assert (told.used, told.running) == ((), 0)
    assert told.budget.spent == told.budget.reserved == 0


def test_a_cost_that_the_operator_puts_right_is_put_right_here(
    records: JobRecords, database: Database, user_id: str, sql: Any
) -> None:
    job_id = ended(records, user_id).id
    sql.run("UPDATE jobs SET cost = 0.001 WHERE id = :id", id=job_id)
    [used] = account(database, user_id).used
    assert (used.jobs, used.cost, used.seconds) == (1, Decimal("0.001"), Decimal(4))
    sql.run("UPDATE jobs SET params = '{}' WHERE id = :id", id=job_id)
    assert account(database, user_id).used == (used,)


def test_jobs_of_before_the_migration_are_in_the_sums(postgres: str) -> None:
    url = new_database(postgres)
    migrations = read_migrations(MIGRATIONS)
    [number] = [migration.version for migration in migrations if migration.name.endswith("_limits.sql")]
    with connected(url) as sql:
        apply_migrations(migrations[: number - 1], sql)
        user_id = add_user(sql)
        for status, day in (("completed", 1), ("completed", 1), ("canceled", 2), ("failed", 3), ("processing", 3)):
            new, final = job(user_id), status != "processing"
            sql.run(
                """INSERT INTO jobs (id, user_id, media_type, model_id, params, status, error_code, estimated_seconds,
                       estimated_cost, cost, created_at, updated_at, deadline_at, started_at, completed_at,
                       next_check_at)
                   VALUES (:id, :user_id, 'image', 'm', '{}', :status, 'x', 5, 0.003, 0.002, :at, :at, :at, :at,
                       CASE WHEN :final THEN CAST(:at AS timestamptz) + interval '3 seconds' END,
                       CASE WHEN NOT :final THEN CAST(:at AS timestamptz) END)""",
                id=new.id,
                user_id=user_id,
                status=status,
                at=NOW + day * DAY,
                final=final,
            )
        apply_migrations(migrations, sql)
        assert kept(sql) == sql.run(ADDED_UP)
        assert kept(sql)[0][4:] == [2, 0, 0, Decimal("0.004"), Decimal(6)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "complete", "fail", "cancel"]),
        st.integers(0, 1),  # user
        st.sampled_from([-40, -23, -22, -1, 0, 1, 8, 9]),  # day, on both sides of two ends of months
        st.integers(0, 5),  # number of the job, model
        st.one_of(st.none(), st.integers(0, 40)),  # cents
    ),
    max_size=30,
)
TARGETS = {"complete": Status.COMPLETED, "fail": Status.FAILED, "cancel": Status.CANCELED}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, cents=st.integers(0, 150))
def test_usage_sums_match_the_jobs_and_no_month_exceeds_its_budget(
    migrated: str, databases: Callable[[], Database], application_url: str, steps: list[Any], cents: int
) -> None:
    with connected(migrated) as sql:
        empty_tables(sql)
        database = databases()
        records, access = JobRecords(database), AccessRecords(database)
        users = [add_user(sql), add_user(sql)]
        access.set_limits(users[0], {"monthlyBudget": Decimal(cents) / 100})
        world = World(sql, database, records, users)
        for step in steps:
            world.take(*step)
            world.check(Decimal(cents) / 100)
        database.close()


class World:
    """Jobs in PostgreSQL, and the expected sum of each month."""

    def __init__(self, sql: Any, database: Database, records: JobRecords, users: list[str]) -> None:
        self.sql, self.database, self.records, self.users = sql, database, records, users
        self.jobs: list[Job] = []
        self.months: dict[tuple[str, int], list[Decimal]] = {}

    def take(self, act: str, user: int, day: int, number: int, cents: int | None) -> None:
        if act == "add":
            self.add(self.users[user], NOW + day * DAY, number, Decimal(cents or 0) / 100)
        elif self.jobs:
            self.end(self.jobs[number % len(self.jobs)], TARGETS[act], None if cents is None else Decimal(cents) / 100)

    def add(self, user_id: str, now: datetime, number: int, price: Decimal) -> None:
        """Request a job; the month's sum so far determines whether it is refused."""
        new = job(user_id, now, estimated_cost=price, model_id=f"model-{number % 2}")
        month = self.months.setdefault((user_id, now.month), [Decimal(0), Decimal(0)])
        limit = account(self.database, user_id, now=now).budget.limit
        try:
            self.records.add(new, check_at=new.created_at)
        except BudgetExceeded:
            assert limit is not None and price > limit - sum(month)
            return
        assert limit is None or not price or price <= limit - sum(month)
        month[1] += price
        self.jobs.append(new)

    def end(self, old: Job, target: Status, cost: Decimal | None) -> None:
        """Complete a job, unless it is terminal."""
        if target is Status.COMPLETED:
            self.records.move(old.id, Status.PROCESSING, change_to(target), now=NOW)
        cost = None if cost is None else min(cost, old.estimated_cost)
        error = failure("generation_failed") if target is Status.FAILED else None
        if self.records.move(old.id, target, Change("test", cost=cost, error=error), now=NOW + 9 * DAY):
            month = self.months[old.user_id, old.created_at.month]
            month[0] += cost or 0
            month[1] -= old.estimated_cost

    def check(self, limit: Decimal) -> None:
        assert kept(self.sql) == self.sql.run(ADDED_UP)
        for (user_id, month), sums in self.months.items():
            told = account(self.database, user_id, now=NOW.replace(month=month)).budget
            assert [told.spent, told.reserved] == sums
            if user_id == self.users[0]:
                assert sum(sums) <= limit

"""What users' jobs came to: those that have ended are added up by day and model in PostgreSQL (`daily_usage`)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from mediagen.admission import Budget, Limits
from mediagen.database import Database, Row

# One statement and so one moment: a job that ends just now is counted once.
_ACCOUNT = """
WITH used AS (
    SELECT day, media_type, model_id, completed + failed + canceled AS jobs, completed, failed, canceled, cost, seconds
    FROM daily_usage WHERE user_id = :user_id AND day >= :first AND day < :after
    UNION ALL
    SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), media_type, model_id, 1, 0, 0, 0, 0, 0
    FROM jobs WHERE user_id = :user_id AND completed_at IS NULL
      AND created_at >= CAST(:first AS timestamp) AT TIME ZONE 'UTC'
      AND created_at < CAST(:after AS timestamp) AT TIME ZONE 'UTC'
), summed AS (
    SELECT day, media_type, model_id, sum(jobs) AS jobs, sum(completed) AS completed, sum(failed) AS failed,
           sum(canceled) AS canceled, sum(cost) AS cost, sum(seconds) AS seconds
    FROM used GROUP BY day, media_type, model_id HAVING sum(jobs) > 0
)
SELECT summed.*, month.reserved, month.spent, COALESCE(monthly_budget, CAST(:default_budget AS numeric)) AS budget,
       COALESCE(concurrent_jobs, CAST(:default_jobs AS integer)) AS job_limit,
       (SELECT count(*) FROM jobs WHERE user_id = :user_id AND completed_at IS NULL) AS running
FROM month_of_user(:user_id, :now) AS month LEFT JOIN users ON id = :user_id LEFT JOIN summed ON true
ORDER BY day, media_type, model_id
"""


@dataclass(frozen=True, slots=True)
class Used:
    """What the jobs came to that were accepted on one day (UTC) for one model; `jobs` counts unfinished ones, too."""

    day: date
    media_type: str
    model_id: str
    jobs: int
    completed: int
    failed: int
    canceled: int
    cost: Decimal
    seconds: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """A user's jobs of some days, and where the user stands now."""

    used: tuple[Used, ...]
    budget: Budget
    job_limit: int | None
    running: int


class UsageRecords:
    """Adds up jobs; whose, is decided by the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, user_id: str, start: date, end: date, *, now: datetime, defaults: Limits) -> Account:
        """Add up the jobs of the days from `start` to before `end`. Raises Unavailable."""
        rows = self._database.run(
            _ACCOUNT,
            user_id=user_id,
            first=start,
            after=end,
            now=now,
            default_jobs=defaults.concurrent_jobs,
            default_budget=defaults.monthly_budget,
        )
        standing = rows[0]  # of a user without jobs, too
        budget = Budget(standing["budget"], standing["spent"], standing["reserved"], now)
        used = tuple(_used(row) for row in rows if row["day"])
        return Account(used, budget, standing["job_limit"], standing["running"])


def _used(row: Row) -> Used:
    return Used(
        day=row["day"],
        media_type=row["media_type"],
        model_id=row["model_id"],
        jobs=int(row["jobs"]),
        completed=int(row["completed"]),
        failed=int(row["failed"]),
        canceled=int(row["canceled"]),
        cost=row["cost"],
        seconds=row["seconds"],
    )

"""Usage: jobs in a terminal state, summed by day and model in PostgreSQL (`daily_usage`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mediagen.limits.budget import Budget, Limits
from mediagen.records.database import Database

# One statement has one snapshot, so a job that completes now counts once. One row, because pg8000 took twice as long
# to read 7,300 (a year of 20 models). Amounts are texts, because JSON's numbers are read as floats.
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
SELECT month.reserved, month.spent, COALESCE(monthly_budget, CAST(:default_budget AS numeric)) AS budget,
       COALESCE(concurrent_jobs, CAST(:default_jobs AS integer)) AS job_limit,
       (SELECT count(*) FROM jobs WHERE user_id = :user_id AND completed_at IS NULL) AS running,
       (SELECT COALESCE(jsonb_agg(jsonb_build_array(day, media_type, model_id, jobs, completed, failed, canceled,
                                                    CAST(cost AS text), CAST(seconds AS text))
                                  ORDER BY day, media_type, model_id), '[]') FROM summed) AS used
FROM month_of_user(:user_id, :now) AS month LEFT JOIN users ON id = :user_id
"""


@dataclass(frozen=True, slots=True)
class Used:
    """The sums of the jobs accepted on one day (UTC) for one model. `jobs` includes unfinished ones."""

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
    """A user's jobs of some days, and the user's current limits."""

    used: tuple[Used, ...]
    budget: Budget
    job_limit: int | None
    running: int


class UsageRecords:
    """Sums of jobs. The caller checks the owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, user_id: str, start: date, end: date, *, now: datetime, defaults: Limits) -> Account:
        """Sum the jobs of the days from `start` to before `end`. Raises Unavailable."""
        [row] = self._database.run(
            _ACCOUNT,
            user_id=user_id,
            first=start,
            after=end,
            now=now,
            default_jobs=defaults.concurrent_jobs,
            default_budget=defaults.monthly_budget,
        )
        budget = Budget(row["budget"], row["spent"], row["reserved"], now)
        return Account(tuple(map(_used, row["used"])), budget, row["job_limit"], row["running"])


def _used(told: Sequence[Any]) -> Used:
    day, media_type, model_id, jobs, completed, failed, canceled, cost, seconds = told
    counts = (jobs, completed, failed, canceled)
    return Used(date.fromisoformat(day), media_type, model_id, *counts, Decimal(cost), Decimal(seconds))

"""A user's limits on running jobs and on a month's cost. PostgreSQL enforces them in `admit`, when it records a job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from mediagen.errors.refusals import BudgetExceeded, TooManyRunningJobs
from mediagen.times import iso

LATER_SECONDS = (2, 60)  # least and most of a Retry-After: jobs end late and early, and another client may be faster


@dataclass(frozen=True, slots=True)
class Limits:
    """The platform's default limits, for users without their own. None: no limit."""

    concurrent_jobs: int | None = None
    monthly_budget: Decimal | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Budget:
    """A user's calendar month (UTC), in US dollars: the cost of finished jobs and the estimates of unfinished ones."""

    limit: Decimal | None
    spent: Decimal
    reserved: Decimal
    at: datetime

    @property
    def remaining(self) -> Decimal | None:
        """Return what is left of the budget, at least 0."""
        return None if self.limit is None else max(self.limit - self.spent - self.reserved, Decimal(0))

    def document(self) -> dict[str, object]:
        """Return the budget as the API shows it."""
        first = self.at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        ends = (first + timedelta(days=32)).replace(day=1)
        return {
            "month": f"{first:%Y-%m}",
            "endsAt": iso(ends),
            "limit": _dollars(self.limit),
            "spent": _dollars(self.spent),
            "reserved": _dollars(self.reserved),
            "remaining": _dollars(self.remaining),
        }


def require_admitted(row: Mapping[str, Any], *, price: Decimal, now: datetime) -> None:
    """Raise the refusal that `admit` decided on: TooManyRunningJobs or BudgetExceeded. Otherwise do nothing."""
    if row["refusal"] == TooManyRunningJobs.code:
        running, limit = row["running"], row["job_limit"]
        raise TooManyRunningJobs(
            f"{running} of your jobs have not ended; {limit} are allowed at a time.",
            retry_after_seconds=_seconds_until(row["next_end"], now),
            extra={"running": {"limit": limit, "jobs": running}},
        )
    if row["refusal"] == BudgetExceeded.code:
        budget = Budget(row["budget"], row["spent"], row["reserved"], now)
        raise BudgetExceeded(
            f"The job is estimated at ${price:f}; ${budget.remaining:f} are left of this month's ${budget.limit:f}.",
            extra={"budget": budget.document()},
        )


def _seconds_until(next_end: datetime, now: datetime) -> int:
    least, most = LATER_SECONDS
    return min(max(int((next_end - now).total_seconds()) + 1, least), most)


def _dollars(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)

"""The limits that an operator may set for a user; null restores the platform's default."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mediagen.errors.refusals import InvalidRequest

MOST = 1_000_000  # requests, jobs, dollars: more is a mistake, or no limit at all
SMALLEST = Decimal("0.000001")  # dollars: what a cost is kept to


def read_limits(event: Mapping[str, Any]) -> dict[str, object]:
    """Parse the given limits, at least one. Raises InvalidRequest with the allowed values."""
    given = {name: event[name] for name in LIMITS if name in event}
    if not given:
        raise InvalidRequest(f"give one of {', '.join(LIMITS)} at least")
    return {name: None if value is None else LIMITS[name](name, value) for name, value in given.items()}


def shown_limits(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a user's own limits; null means the platform's default."""
    budget = row["monthlyBudget"]
    return {name: row[name] for name in LIMITS} | {"monthlyBudget": None if budget is None else float(budget)}


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST:
        raise InvalidRequest(f"{name} must be a whole number from 1 to {MOST}, or null for the platform's default")
    return value


def _dollars(name: str, value: object) -> Decimal:
    amount = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount < MOST and amount % SMALLEST == 0):
        told = f"{name} must be US dollars from 0 to below {MOST}, to {SMALLEST:f} at most"
        raise InvalidRequest(f"{told}, or null for the platform's default")
    return amount


LIMITS: dict[str, Callable[[str, object], object]] = {
    "ratePerHour": _whole,
    "concurrentJobs": _whole,
    "monthlyBudget": _dollars,
}

"""The hourly limit of a user."""

from datetime import datetime
from typing import Protocol

from mediagen import log
from mediagen.errors.refusals import RateLimited
from mediagen.limits.quota import Quota


class Limiter(Protocol):
    """Counts a user's requests. Every method returns None if the counter is unavailable.

    Requests with the same `once` are one request sent repeatedly: together they cost one unit.
    """

    def spend(self, user_id: str, now: datetime, *, limit: int, once: str | None = None) -> Quota | None:
        """Spend one unit if the limit allows it."""

    def give_back(self, user_id: str, spent_at: datetime, *, once: str | None = None) -> None:
        """Refund one unit; the job was not created."""

    def look(self, user_id: str, now: datetime, *, limit: int) -> Quota | None:
        """Return the quota without spending a unit."""


def spend(user_id: str, once: str | None, *, now: datetime, limiter: Limiter, limit: int) -> Quota | None:
    """Spend one unit. Raises RateLimited. If the counter is unavailable, every request passes (None)."""
    quota = limiter.spend(user_id, now, limit=limit, once=once)
    if quota is None or quota.is_admitted:
        return quota
    log.event("request.rate_limited", subject=log.Subject(user_id=user_id), metadata={"count": quota.current})
    raise rate_limited(quota)


def rate_limited(quota: Quota) -> RateLimited:
    """Return the refusal of a request above the limit, with the time until the next unit."""
    message = f"The limit is {quota.limit} generations per hour."
    return RateLimited(message, retry_after_seconds=quota.seconds_to_next, headers=quota.headers())

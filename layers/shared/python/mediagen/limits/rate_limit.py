"""What a user may do in an hour."""

from datetime import datetime
from typing import Protocol

from mediagen import log
from mediagen.errors.refusals import RateLimited
from mediagen.limits.quota import Quota


class Limiter(Protocol):
    """Counts a user's requests. None: nobody can tell.

    `once` names requests that are one and the same: together they cost one unit.
    """

    def spend(self, user_id: str, now: datetime, *, limit: int, once: str | None = None) -> Quota | None:
        """Count one, where the limit allows it."""

    def give_back(self, user_id: str, spent_at: datetime, *, once: str | None = None) -> None:
        """Count one less: what it was spent for did not come about."""

    def look(self, user_id: str, now: datetime, *, limit: int) -> Quota | None:
        """Count nothing."""


def spend(user_id: str, once: str | None, *, now: datetime, limiter: Limiter, limit: int) -> Quota | None:
    """Count the request. Raises RateLimited; where nobody can count, everybody passes."""
    quota = limiter.spend(user_id, now, limit=limit, once=once)
    if quota is None or quota.is_admitted:
        return quota
    log.event("request.rate_limited", subject=log.Subject(user_id=user_id), metadata={"count": quota.current})
    raise rate_limited(quota)


def rate_limited(quota: Quota) -> RateLimited:
    """Say that a request was not admitted, and when one will be."""
    told = f"{quota.limit} generations an hour are allowed."
    return RateLimited(told, retry_after_seconds=quota.seconds_to_next, headers=quota.headers())

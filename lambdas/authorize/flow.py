"""Find the user behind an API key. This only identifies: an HTTP API answers a deny with a fixed 403, and clients are
promised a 401 problem document, so the edge of each function refuses a request that has no user (ADR 3), with 429 where
its address has sent too many wrong keys (ADR 19)."""

from datetime import datetime

from mediagen import callers, log
from mediagen.access_keys import bearer_token
from mediagen.access_records import User
from mediagen.edge import Event
from mediagen.judging import Judges, judge
from mediagen.refusals import TooManyFailures

type Verdict = dict[str, object]

REMEMBERED_SECONDS = 300  # by the HTTP API, for this key from this address


def authorize(event: Event, *, now: datetime, judges: Judges[User]) -> Verdict:
    """Answer the HTTP API's question.

    The user's own rate goes with the answer: it is counted in Redis, before PostgreSQL is asked for anything.
    """
    key, source = bearer_token(event.get("headers") or {}), callers.source(event.get("requestContext") or {})
    try:
        user = judge(key, source, now=now, judges=judges)
    except TooManyFailures:
        log.event("authorize.slowed", level="WARNING")
        return verdict("", slowedUntil=str(int(now.timestamp()) + REMEMBERED_SECONDS))
    if user and user.rate_per_hour:
        return verdict(user.id, ratePerHour=user.rate_per_hour)
    return verdict(user.id if user else "")


def verdict(user_id: str, **more: object) -> Verdict:
    """Let the request pass, and say what is known of it."""
    return {"isAuthorized": True, "context": {"userId": user_id, **more}}

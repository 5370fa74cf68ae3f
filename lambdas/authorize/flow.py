"""Find the user behind an API key. This only identifies: an HTTP API answers a deny with a fixed 403, and clients are
promised a 401 problem document, so the edge of each function refuses a request that has no user (ADR 3), with 429 where
its address has sent too many wrong keys (ADR 19). While PostgreSQL cannot be asked, who was right within the last hour
is let in (ADR 27); for anybody else there is no answer, since the HTTP API would remember any."""

from datetime import datetime

from mediagen import log
from mediagen.access import callers
from mediagen.access.api_keys import bearer_token, hash_key
from mediagen.access.authenticate import Judges, judge
from mediagen.cache.known_keys import KnownKeys
from mediagen.errors.refusals import TooManyFailures, Unavailable
from mediagen.http.edge import Event
from mediagen.records.access import User

type Verdict = dict[str, object]

REMEMBERED_SECONDS = 300  # how long the HTTP API caches the verdict for this key and address


def authorize(event: Event, *, now: datetime, judges: Judges[User], known_keys: KnownKeys) -> Verdict:
    """Answer the HTTP API's question. Raises Unavailable.

    The answer carries the user's own hourly limit: it is enforced in Redis, before PostgreSQL is queried.
    """
    key, source = bearer_token(event.get("headers") or {}), callers.source(event.get("requestContext") or {})
    try:
        user = find(key, source, now=now, judges=judges, known_keys=known_keys)
    except TooManyFailures:
        log.event("authorize.slowed", level="WARNING")
        return verdict("", slowedUntil=str(int(now.timestamp()) + REMEMBERED_SECONDS))
    if user and user.rate_per_hour:
        return verdict(user.id, ratePerHour=user.rate_per_hour)
    return verdict(user.id if user else "")


def find(key: str, source: str, *, now: datetime, judges: Judges[User], known_keys: KnownKeys) -> User | None:
    """Find the user of a key; if PostgreSQL is unavailable, from the cached verdicts.

    Raises TooManyFailures, Unavailable.
    """
    try:
        user = judge(key, source, now=now, judges=judges)
    except Unavailable as error:
        known = known_keys.recall(hash_key(key))
        if known is None:
            raise
        log.degraded("database", error.__cause__ or error)
        return known
    if user:
        known_keys.remember(hash_key(key), user, now)
    return user


def verdict(user_id: str, **more: object) -> Verdict:
    """Return an answer that lets the request pass, with the known facts about its caller."""
    return {"isAuthorized": True, "context": {"userId": user_id, **more}}

"""Find the user behind an API key. This only identifies: an HTTP API answers a deny with a fixed 403, and clients are
promised a 401 problem document, so the edge of each function refuses a request that has no user (ADR 3)."""

from collections.abc import Callable

from mediagen.access_keys import hash_key, is_well_formed
from mediagen.access_records import User
from mediagen.edge import Event

type Verdict = dict[str, object]

MAX_LENGTH = 200


def authorize(event: Event, *, find_user: Callable[[bytes], User | None]) -> Verdict:
    """Answer the HTTP API's question; `find_user` takes the SHA-256 of a key.

    The user's own rate goes with the answer: it is counted in Redis, before PostgreSQL is asked for anything.
    """
    key = bearer_token(event)
    user = find_user(hash_key(key)) if key and is_well_formed(key) else None
    rate = {"ratePerHour": user.rate_per_hour} if user and user.rate_per_hour else {}
    return {"isAuthorized": True, "context": {"userId": user.id if user else ""} | rate}


def bearer_token(event: Event) -> str:
    """Read the token of `Authorization: Bearer …`; empty when there is none, or one of absurd length."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, token = str(headers.get("authorization", "")).partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= MAX_LENGTH else ""

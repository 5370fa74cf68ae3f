"""Find the user behind an API key. This only identifies: an HTTP API answers a deny with a fixed 403, and clients are
promised a 401 problem document, so the edge of each function refuses a request that has no user (ADR 3)."""

from collections.abc import Callable

from mediagen.access_keys import hash_key, is_well_formed
from mediagen.edge import Event

type Verdict = dict[str, object]

MAX_LENGTH = 200


def authorize(event: Event, *, find_user: Callable[[bytes], str | None]) -> Verdict:
    """Answer the HTTP API's question; `find_user` takes the SHA-256 of a key."""
    key = bearer_token(event)
    user_id = find_user(hash_key(key)) if key and is_well_formed(key) else None
    return {"isAuthorized": True, "context": {"userId": user_id or ""}}


def bearer_token(event: Event) -> str:
    """Read the token of `Authorization: Bearer …`; empty when there is none, or one of absurd length."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, token = str(headers.get("authorization", "")).partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= MAX_LENGTH else ""

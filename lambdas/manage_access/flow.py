"""Operations for operators: users, their API keys and limits, and models. A key is returned once and never stored."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from manage_access.limits import LIMITS, read_limits, shown_limits
from manage_access.models import put_model
from mediagen.access.api_keys import hash_key, new_key
from mediagen.cache.known_keys import KNOWN_SECONDS, KnownKeys
from mediagen.errors.refusals import InvalidRequest
from mediagen.models.catalogue import Catalogue
from mediagen.records.access import AccessRecords
from mediagen.times import iso

DEFAULT_OVERLAP_HOURS = 24
LONGEST_OVERLAP_HOURS = 24 * 90

type Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of managing access."""

    records: AccessRecords
    known_keys: KnownKeys
    catalogue: Catalogue


def manage_access(event: Mapping[str, Any], *, now: datetime, key_prefix: str, ports: Ports) -> Answer:
    """Run the event's `action`. Raises InvalidRequest for an event that is not valid."""
    records, known_keys = ports.records, ports.known_keys
    actions: dict[str, Callable[[], Answer]] = {
        "create-user": lambda: create_user(event, now=now, records=records),
        "create-key": lambda: create_key(event, now=now, key_prefix=key_prefix, records=records),
        "list": lambda: {"users": [_shown(user) for user in records.list()]},
        "rotate-key": lambda: rotate_key(event, now=now, key_prefix=key_prefix, ports=ports),
        "revoke-key": lambda: revoke_key(event, now=now, records=records, known_keys=known_keys),
        "set-limits": lambda: set_limits(event, records=records),
        "put-model": lambda: put_model(event, now=now, catalogue=ports.catalogue),
    }
    action = str(event.get("action"))
    if action not in actions:
        raise InvalidRequest(f"action must be one of {', '.join(actions)}")
    return actions[action]()


def create_user(event: Mapping[str, Any], *, now: datetime, records: AccessRecords) -> Answer:
    """Create a user."""
    user_id = str(uuid.uuid4())
    records.add_user(user_id, _text(event, "name"), now)
    return {"userId": user_id}


def create_key(event: Mapping[str, Any], *, now: datetime, key_prefix: str, records: AccessRecords) -> Answer:
    """Create a key for a user. The answer is the only place that shows it."""
    user_id, key, key_id = _id(event, "userId"), new_key(key_prefix), str(uuid.uuid4())
    if not records.add_key(key_id, user_id, hash_key(key), key[-4:], _text(event, "name", "default"), now):
        raise InvalidRequest("there is no such user")
    return {"keyId": key_id, "userId": user_id, "apiKey": key}


def rotate_key(event: Mapping[str, Any], *, now: datetime, key_prefix: str, ports: Ports) -> Answer:
    """Create a key that replaces an old one, which stays valid for `overlapHours`."""
    hours = event.get("overlapHours", DEFAULT_OVERLAP_HOURS)
    if not isinstance(hours, (int, float)) or isinstance(hours, bool) or not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise InvalidRequest(f"overlapHours must be a number from 0 to {LONGEST_OVERLAP_HOURS}")
    ends = now + timedelta(hours=hours)
    old = ports.records.expire_key(_id(event, "keyId"), ends)
    if old is None:
        raise InvalidRequest("there is no such key, or it has ended")
    wanted = {"userId": old["userId"], "name": old["name"]}
    answer = create_key(wanted, now=now, key_prefix=key_prefix, records=ports.records)
    forgotten = _forget(bytes(old["key_hash"]), now=now, known_keys=ports.known_keys)
    return answer | {"oldKeyEndsAt": iso(ends)} | forgotten


def revoke_key(event: Mapping[str, Any], *, now: datetime, records: AccessRecords, known_keys: KnownKeys) -> Answer:
    """Revoke a key. It works for up to 300 seconds more, while the HTTP API caches the verdict."""
    key_id = _id(event, "keyId")
    key_hash = records.revoke_key(key_id, now)
    if key_hash is None:
        raise InvalidRequest("there is no such key, or it was revoked before")
    return {"keyId": key_id, "revokedAt": iso(now)} | _forget(key_hash, now=now, known_keys=known_keys)


def set_limits(event: Mapping[str, Any], *, records: AccessRecords) -> Answer:
    """Set limits of a user. Budget and running jobs take effect at once, the hourly limit within 300 seconds."""
    user_id, limits = _id(event, "userId"), read_limits(event)
    kept = records.set_limits(user_id, limits)
    if kept is None:
        raise InvalidRequest("there is no such user")
    return {"userId": user_id, "limits": shown_limits(kept)}


def _forget(key_hash: bytes, *, now: datetime, known_keys: KnownKeys) -> Answer:
    """Remove a key from the cached verdicts.

    If Redis is unavailable, return until when they may accept the key (ADR 27).
    """
    return {} if known_keys.forget(key_hash) else {"knownUntil": iso(now + timedelta(seconds=KNOWN_SECONDS))}


def _shown(user: Mapping[str, Any]) -> Answer:
    told = {name: value for name, value in user.items() if name not in LIMITS}
    return told | {"userId": str(user["userId"]), "createdAt": iso(user["createdAt"]), "limits": shown_limits(user)}


def _text(event: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    value = event.get(name, otherwise)
    if not isinstance(value, str) or not 1 <= len(value) <= 200:
        raise InvalidRequest(f"{name} must be a text of 1 to 200 characters")
    return value


def _id(event: Mapping[str, Any], name: str) -> str:
    try:
        return str(uuid.UUID(_text(event, name)))
    except ValueError as error:
        raise InvalidRequest(f"{name} must be a UUID") from error

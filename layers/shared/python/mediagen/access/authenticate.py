"""Authenticate an API key without a database query if the key cannot be valid or its address is rate limited.

A valid key costs its address nothing; failed_keys.py says how, ADR 19 why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mediagen.access.api_keys import hash_key, is_well_formed
from mediagen.access.source_standing import WINDOW_SECONDS, Standing
from mediagen.errors.refusals import TooManyFailures, Unavailable


class FailedKeys(Protocol):
    """Counts the wrong keys of an address."""

    def begin(self, source: str, key_hash: bytes | None, now: datetime, *, limit: int) -> Standing:
        """Spend a unit for a key about to be looked up, unless the key is trusted."""

    def trust(self, source: str, key_hash: bytes, begun_at: datetime) -> None:
        """Refund the unit of a valid key, and trust the key."""

    def release(self, source: str, begun_at: datetime) -> None:
        """Refund the unit of a key that could not be looked up."""

    def distrust(self, source: str, key_hash: bytes, now: datetime) -> None:
        """Count a trusted key that is no longer valid, and stop trusting it."""


@dataclass(frozen=True, slots=True)
class Judges[User]:
    """Dependencies of authentication. `find_user` takes the SHA-256 of a key, raises Unavailable.

    `limit` is per address.
    """

    find_user: Callable[[bytes, datetime], User | None]
    failed_keys: FailedKeys
    limit: int


def judge[User](key: str, source: str, *, now: datetime, judges: Judges[User]) -> User | None:
    """Return the user of a key, None for an unknown key. Raises TooManyFailures, Unavailable."""
    key_hash = hash_key(key) if is_well_formed(key) else None
    standing = judges.failed_keys.begin(source, key_hash, now, limit=judges.limit)
    if standing is Standing.SLOWED:
        told = "Too many wrong API keys came from this address. A key that is in use goes on working."
        raise TooManyFailures(told, retry_after_seconds=WINDOW_SECONDS)
    return look_up(source, key_hash, standing, now=now, judges=judges) if key_hash else None


def look_up[User](
    source: str, key_hash: bytes, standing: Standing, *, now: datetime, judges: Judges[User]
) -> User | None:
    """Look a key up and settle the unit of its address: a valid key gets it back. Raises Unavailable."""
    try:
        user = judges.find_user(key_hash, now)
    except Unavailable:
        if standing is Standing.COUNTED:
            judges.failed_keys.release(source, now)
        raise
    if user and standing is Standing.COUNTED:
        judges.failed_keys.trust(source, key_hash, now)
    if not user and standing is Standing.TRUSTED:
        judges.failed_keys.distrust(source, key_hash, now)
    return user

"""Users and API keys in PostgreSQL. Keys are stored as hashes only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mediagen.access.callers import TokenUser
from mediagen.records.database import Database

_USER_OF_KEY = """
SELECT users.id, users.rate_per_hour, expires_at FROM api_keys JOIN users ON users.id = api_keys.user_id
WHERE key_hash = :key_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
  AND users.disabled_at IS NULL
"""

_LIST = """
SELECT users.id AS "userId", users.name, users.issuer, users.created_at AS "createdAt", rate_per_hour AS "ratePerHour",
       concurrent_jobs AS "concurrentJobs", monthly_budget AS "monthlyBudget", COALESCE(jsonb_agg(jsonb_build_object(
    'keyId', api_keys.id, 'name', api_keys.name, 'lastFour', last_four, 'createdAt', api_keys.created_at,
    'expiresAt', expires_at, 'revokedAt', revoked_at) ORDER BY api_keys.created_at)
    FILTER (WHERE api_keys.id IS NOT NULL), '[]') AS keys
FROM users LEFT JOIN api_keys ON api_keys.user_id = users.id
GROUP BY users.id ORDER BY users.created_at
"""

_ADD_TOKEN_USER = """
INSERT INTO users (id, name, issuer, created_at) VALUES (:id, :name, :issuer, :now) ON CONFLICT (id) DO NOTHING
"""

_ADD_KEY = """
INSERT INTO api_keys (id, user_id, key_hash, last_four, name, created_at)
SELECT :id, id, :key_hash, :last_four, :name, :now FROM users WHERE id = :user_id
ON CONFLICT (id) DO UPDATE SET name = excluded.name
RETURNING id
"""

_EXPIRE = """
UPDATE api_keys SET expires_at = LEAST(expires_at, :ends)
WHERE id = :id AND revoked_at IS NULL RETURNING CAST(user_id AS text) AS "userId", name, key_hash
"""

MAX_NAME = 200  # as the table has it; an OpenID subject has up to 255 characters, the id is made from all of them


# Only the given values change; null restores the platform's default.
_SET_LIMITS = """
UPDATE users SET
    rate_per_hour = CASE WHEN :sets_rate THEN CAST(:rate_per_hour AS integer) ELSE rate_per_hour END,
    concurrent_jobs = CASE WHEN :sets_jobs THEN CAST(:concurrent_jobs AS integer) ELSE concurrent_jobs END,
    monthly_budget = CASE WHEN :sets_budget THEN CAST(:monthly_budget AS numeric) ELSE monthly_budget END
WHERE id = :id
RETURNING rate_per_hour AS "ratePerHour", concurrent_jobs AS "concurrentJobs", monthly_budget AS "monthlyBudget"
"""


@dataclass(frozen=True, slots=True)
class User:
    """A user and their hourly limit (None: the platform's default), with the expiry of the key that was used."""

    id: str
    rate_per_hour: int | None = None
    key_ends_at: datetime | None = None


class AccessRecords:
    """Users, their API keys and their limits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_user(self, key_hash: bytes, now: datetime) -> User | None:
        """Return the user of a key, if both are valid."""
        rows = self._database.run(_USER_OF_KEY, key_hash=key_hash, now=now)
        return User(str(rows[0]["id"]), rows[0]["rate_per_hour"], rows[0]["expires_at"]) if rows else None

    def add_user(self, user_id: str, name: str, now: datetime) -> None:
        """Insert a user."""
        sql = "INSERT INTO users (id, name, created_at) VALUES (:id, :name, :now) ON CONFLICT (id) DO NOTHING"
        self._database.run(sql, id=user_id, name=name, now=now)

    def add_token_user(self, user: TokenUser, now: datetime) -> None:
        """Insert the user of a token unless the row exists: jobs refer to it."""
        name = user.subject[:MAX_NAME]
        self._database.run(_ADD_TOKEN_USER, id=user.id, name=name, issuer=user.issuer, now=now)

    def add_key(self, key_id: str, user_id: str, key_hash: bytes, last_four: str, name: str, now: datetime) -> bool:
        """Insert a key. Returns False if the user does not exist."""
        rows = self._database.run(
            _ADD_KEY, id=key_id, user_id=user_id, key_hash=key_hash, last_four=last_four, name=name, now=now
        )
        return bool(rows)

    def expire_key(self, key_id: str, ends: datetime) -> dict[str, Any] | None:
        """Set the expiry of a key, unless it expires earlier. Returns its `userId`, `name` and `key_hash`."""
        rows = self._database.run(_EXPIRE, id=key_id, ends=ends)
        return rows[0] if rows else None

    def revoke_key(self, key_id: str, now: datetime) -> bytes | None:
        """Revoke a key at once. Returns its hash, None if there is no such key."""
        sql = "UPDATE api_keys SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING key_hash"
        rows = self._database.run(sql, id=key_id, now=now)
        return bytes(rows[0]["key_hash"]) if rows else None

    def set_limits(self, user_id: str, limits: Mapping[str, object]) -> dict[str, Any] | None:
        """Set the given limits (None: the platform's default). Returns all limits, None if the user does not exist."""
        rows = self._database.run(
            _SET_LIMITS,
            id=user_id,
            sets_rate="ratePerHour" in limits,
            rate_per_hour=limits.get("ratePerHour"),
            sets_jobs="concurrentJobs" in limits,
            concurrent_jobs=limits.get("concurrentJobs"),
            sets_budget="monthlyBudget" in limits,
            monthly_budget=limits.get("monthlyBudget"),
        )
        return rows[0] if rows else None

    def list(self) -> list[dict[str, Any]]:
        """List the users and their keys, without the hashes."""
        return self._database.run(_LIST)

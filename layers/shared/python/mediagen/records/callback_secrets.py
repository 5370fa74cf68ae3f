"""The signing secrets of callbacks, in PostgreSQL. Each user has their own, made at its first use."""

import base64
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediagen.records.database import Database

OVERLAP = timedelta(hours=24)
_BYTES = 32  # Standard Webhooks: 24 to 64

_VALID = """
SELECT secret, created_at, ends_at FROM callback_secrets
WHERE user_id = :user_id AND (ends_at IS NULL OR ends_at > :now) ORDER BY created_at DESC, ends_at DESC NULLS FIRST
"""

_FIRST = """
INSERT INTO callback_secrets (id, user_id, secret, created_at) VALUES (:id, :user_id, :secret, :now)
ON CONFLICT DO NOTHING
"""

# The old secret ends before the new one begins, because the index allows one current secret. Of two that rotate at once
# the second finds a current secret again and leaves it. Run twice, after a lost answer, it changes nothing more.
_ROTATE = """
WITH ended AS (
    UPDATE callback_secrets SET ends_at = :ends_at WHERE user_id = :user_id AND ends_at IS NULL AND id <> :id
    RETURNING 1
)
INSERT INTO callback_secrets (id, user_id, secret, created_at)
SELECT :id, :user_id, :secret, :now FROM (SELECT count(*) FROM ended) AS done
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret. `ends_at` is None for the current one."""

    key: bytes = field(repr=False)
    created_at: datetime
    ends_at: datetime | None

    @property
    def text(self) -> str:
        """Return the secret in the form of Standard Webhooks."""
        return f"whsec_{base64.b64encode(self.key).decode()}"


class CallbackSecrets:
    """The secrets of all users."""

    def __init__(self, database: Database, new_key: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._database = database
        self._new_key = new_key

    def valid(self, user_id: str, *, now: datetime) -> list[Secret]:
        """List a user's valid secrets, newest first. The first call makes the first secret."""
        found = self._valid(user_id, now)
        if not found:
            self._add(_FIRST, user_id, now=now)
            found = self._valid(user_id, now)
        return found

    def rotate(self, user_id: str, *, now: datetime) -> None:
        """Make a new secret. The old one stays valid for a day."""
        self._add(_ROTATE, user_id, now=now, ends_at=now + OVERLAP)

    def _add(self, sql: str, user_id: str, **parameters: object) -> None:
        self._database.run(sql, id=str(uuid.uuid4()), user_id=user_id, secret=self._new_key(_BYTES), **parameters)

    def _valid(self, user_id: str, now: datetime) -> list[Secret]:
        rows = self._database.run(_VALID, user_id=user_id, now=now)
        return [Secret(bytes(row["secret"]), row["created_at"], row["ends_at"]) for row in rows]

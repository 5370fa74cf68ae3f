"""Callbacks in PostgreSQL: the outbox that `JobRecords.move` fills, and the log of delivery attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mediagen.records.database import Database, Row

LEASE = timedelta(seconds=60)  # a worker is stopped after 30
# A message's delay and a row's time come from different clocks.
EARLY = timedelta(seconds=2)
SHOWN_TRIES = 100

_CALLBACK = """
SELECT CAST(id AS text) AS id, url, state, tries, created_at, next_try_at, leased_until
FROM callbacks WHERE job_id = :job_id
"""

_TRIES = """
SELECT number, at, duration_ms, status_code, error FROM callback_tries
WHERE callback_id = :callback_id ORDER BY number DESC LIMIT :limit
"""

# After a lost answer this runs twice: the second run finds the first one's lease, and the attempt follows its expiry.
_CLAIM = """
UPDATE callbacks SET tries = tries + 1, leased_until = :leased_until
WHERE job_id = :job_id AND next_try_at <= :soon AND (leased_until IS NULL OR leased_until <= :now)
RETURNING CAST(id AS text) AS id, url, tries
"""

# A worker whose lease has passed to another one logs its attempt and changes nothing else.
_SETTLE = """
WITH settled AS (
    UPDATE callbacks SET state = :state, next_try_at = :next_try_at, leased_until = NULL
    WHERE id = :id AND tries = :number
)
INSERT INTO callback_tries (callback_id, number, at, duration_ms, status_code, error)
VALUES (:id, :number, :at, :duration_ms, :status_code, :error)
ON CONFLICT (callback_id, number) DO NOTHING
"""

_DUE = """
SELECT CAST(job_id AS text) AS job_id FROM callbacks
WHERE next_try_at <= :before AND (leased_until IS NULL OR leased_until <= :now)
ORDER BY next_try_at LIMIT :limit
"""

_AGAIN = """
UPDATE callbacks SET state = 'pending', next_try_at = :now
WHERE id = :id AND (leased_until IS NULL OR leased_until <= :now)
"""

_END = """
UPDATE callbacks SET state = 'failed', next_try_at = NULL, leased_until = NULL
WHERE job_id = :job_id AND next_try_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Try:
    """A delivery attempt: the HTTP status, or our code if there was none. `number` counts from 1."""

    number: int
    at: datetime
    duration_ms: int
    status_code: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Callback:
    """A row of the outbox. `id` is the same in every attempt; `state` is pending, delivered or failed."""

    id: str
    url: str
    state: str
    tries: int
    created_at: datetime
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """The lease for one attempt."""

    id: str
    url: str
    number: int


class CallbackRecords:
    """The outbox and the log of attempts. The caller checks the owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, job_id: str, *, now: datetime) -> Claimed | None:
        """Lease the attempt that is due. Returns None if none is due or another worker holds the lease."""
        rows = self._database.run(_CLAIM, job_id=job_id, now=now, soon=now + EARLY, leased_until=now + LEASE)
        return Claimed(rows[0]["id"], rows[0]["url"], rows[0]["tries"]) if rows else None

    def settle(self, callback_id: str, made: Try, *, state: str, next_try_at: datetime | None) -> None:
        """Log an attempt, and set the callback's state and its next attempt."""
        self._database.run(
            _SETTLE,
            id=callback_id,
            number=made.number,
            at=made.at,
            duration_ms=made.duration_ms,
            status_code=made.status_code,
            error=made.error,
            state=state,
            next_try_at=next_try_at,
        )

    def due(self, *, before: datetime, now: datetime, limit: int) -> list[str]:
        """List the jobs whose callbacks are overdue, longest first."""
        return [row["job_id"] for row in self._database.run(_DUE, before=before, now=now, limit=limit)]

    def find(self, job_id: str) -> Callback | None:
        """Return the callback of a completed job."""
        rows = self._database.run(_CALLBACK, job_id=job_id)
        return _callback(rows[0]) if rows else None

    def tries(self, callback_id: str) -> list[Try]:
        """List the newest attempts, newest first."""
        rows = self._database.run(_TRIES, callback_id=callback_id, limit=SHOWN_TRIES)
        return [Try(**row) for row in rows]

    def again(self, callback_id: str, *, now: datetime) -> None:
        """Make a callback due, unless an attempt is under way."""
        self._database.run(_AGAIN, id=callback_id, now=now)

    def end(self, job_id: str) -> None:
        """Stop the callback of a deleted job."""
        self._database.run(_END, job_id=job_id)


def _callback(row: Row) -> Callback:
    return Callback(row["id"], row["url"], row["state"], row["tries"], row["created_at"], row["next_try_at"])

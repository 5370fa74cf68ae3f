"""Idempotency keys in PostgreSQL. `JobRecords.add` and `BatchRecords.add` write them with the job or the batch."""

from datetime import datetime

from mediagen.errors.refusals import IdempotencyKeyReused
from mediagen.jobs.idempotency import KEY_LIFE, Claim
from mediagen.records.database import Database, Row

FORGET_AT_ONCE = 20_000  # rows of one statement, well within its deadline

_FIND = """
SELECT CAST(job_id AS text) AS job_id, CAST(batch_id AS text) AS batch_id, fingerprint FROM idempotency_keys
WHERE user_id = :user_id AND key = :key AND created_at > :outlives
"""

# A subquery in a condition may run again for each row with another result, so the list is made once, before.
_FORGET = """
WITH old AS MATERIALIZED (
    SELECT user_id, key FROM idempotency_keys WHERE created_at <= :oldest
    ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM idempotency_keys AS held USING old WHERE held.user_id = old.user_id AND held.key = old.key
    RETURNING 1
)
SELECT count(*) AS deleted FROM deleted
"""


class ClaimRecords:
    """The job or batch that each key made, for 24 hours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, claim: Claim) -> str | None:
        """Return the id of the job that the request already made. Raises IdempotencyKeyReused, Unavailable."""
        return self._find(claim, "job_id")

    def find_batch(self, claim: Claim) -> str | None:
        """Return the id of the batch that the request already made. Raises IdempotencyKeyReused, Unavailable."""
        return self._find(claim, "batch_id")

    def _find(self, claim: Claim, made: str) -> str | None:
        rows: list[Row] = self._database.run(_FIND, user_id=claim.user_id, key=claim.key, outlives=claim.outlives)
        if not rows:
            return None
        if bytes(rows[0]["fingerprint"]) != claim.fingerprint or rows[0][made] is None:
            raise IdempotencyKeyReused("This Idempotency-Key was sent with another request before. Use a new one.")
        return str(rows[0][made])

    def forget(self, *, now: datetime, limit: int = FORGET_AT_ONCE) -> int:
        """Delete some expired keys, oldest first. Returns their number."""
        rows = self._database.run(_FORGET, oldest=now - KEY_LIFE, limit=limit)
        return sum(row["deleted"] for row in rows)

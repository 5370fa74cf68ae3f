"""Deletion of jobs in PostgreSQL: marked first, then scrubbed. User, model, times and cost stay, for the account.

Neither changes the job's terminal state. The mark is no transition but has a revision of its own, so that no projection
from before the deletion replaces the tombstone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mediagen.jobs.job import Job
from mediagen.records.database import Database, Row
from mediagen.records.job_rows import EPOCH, read_job

# The later of two deletions waits for the first, and sees the first one's changes in `found` only.
_MARK = f"""
WITH found AS (
    SELECT * FROM jobs WHERE id = :id AND user_id = :user_id AND completed_at IS NOT NULL FOR UPDATE
), marked AS (
    UPDATE jobs SET deleted_at = :now, erase_at = :erase_at, revision = jobs.revision + 1
    FROM found WHERE jobs.id = found.id AND found.deleted_at IS NULL
    RETURNING jobs.*
), event AS (
    INSERT INTO job_events (job_id, revision, from_status, to_status, reason, at)
    SELECT id, revision, status, status, 'deleted_by_client', :now FROM marked
)
SELECT *, CAST('[]' AS jsonb) AS outputs, {EPOCH} FROM marked
UNION ALL
SELECT *, CAST('[]' AS jsonb), {EPOCH} FROM found WHERE deleted_at IS NOT NULL
"""  # nosec B608 # put together from constants

# Only the numbers of Replicate's metrics stay in the details: they are the basis of the bill. The rest may be text.
_SCRUB = """
WITH scrubbed AS (
    UPDATE jobs SET params = '{}', metadata = '{}', callback_url = NULL, logged_percent = NULL, erase_at = :erase_at
    WHERE id = :id AND deleted_at IS NOT NULL
    RETURNING id
), files AS (
    DELETE FROM media_outputs USING scrubbed WHERE job_id = scrubbed.id
), told AS (
    UPDATE callbacks SET url = '', state = CASE state WHEN 'pending' THEN 'failed' ELSE state END, next_try_at = NULL,
                         leased_until = NULL
    FROM scrubbed WHERE job_id = scrubbed.id
)
UPDATE job_events SET details = CASE WHEN jsonb_typeof(details -> 'metrics') = 'object' THEN
    jsonb_build_object('metrics', (
        SELECT COALESCE(jsonb_object_agg(name, metric), '{}')
        FROM jsonb_each(details -> 'metrics') AS each(name, metric) WHERE jsonb_typeof(metric) = 'number'))
    ELSE '{}' END
FROM scrubbed WHERE job_id = scrubbed.id AND details <> '{}'
"""

_CLEARED = "UPDATE jobs SET erase_at = NULL WHERE id = :id AND deleted_at IS NULL"

_CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT id FROM jobs WHERE erase_at <= :now ORDER BY erase_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE jobs SET erase_at = :again_at FROM due WHERE jobs.id = due.id
RETURNING jobs.*, CAST('[]' AS jsonb) AS outputs, {EPOCH}
"""  # nosec B608 # put together from constants


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deleted job, and whether its erasure is complete."""

    job: Job
    is_erased: bool


@dataclass(frozen=True, slots=True)
class Leftover:
    """A job with something left to erase: a deleted job, or one that ended without a result."""

    job: Job
    is_deleted: bool


class DeletionRecords:
    """Deleted jobs, and jobs with something left to erase."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, job_id: str, user_id: str, *, now: datetime, erase_at: datetime) -> Deleted | None:
        """Mark a user's job as deleted, which hides it.

        Returns None if it is another user's or not in a terminal state. An existing mark stays unchanged. The poller
        erases the job at `erase_at` if nothing else has done so.
        """
        rows = self._database.run(_MARK, id=job_id, user_id=user_id, now=now, erase_at=erase_at)
        return Deleted(read_job(rows[0]), rows[0]["erase_at"] is None) if rows else None

    def scrub(self, job_id: str, *, erase_at: datetime | None) -> None:
        """Remove the personal data from a deleted job's record. `erase_at`: when to check it again, None: never."""
        self._database.run(_SCRUB, id=job_id, erase_at=erase_at)

    def cleared(self, job_id: str) -> None:
        """Record that nothing is left to erase of a job that was not deleted."""
        self._database.run(_CLEARED, id=job_id)

    def claim(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Leftover]:
        """Claim jobs with something left to erase, exclusively until `again_in` has passed."""
        rows: list[Row] = self._database.run(_CLAIM, now=now, again_at=now + again_in, limit=limit)
        return [Leftover(read_job(row), row["deleted_at"] is not None) for row in rows]

"""Evidence that a job is absent at Replicate: which predictions were seen, kept between runs of the poller."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mediagen.records.database import Database

KEEP_FOREIGN = timedelta(days=1)  # longer than any job's outcome may be unknown

_KNOWN = """
SELECT replicate_id AS id FROM jobs WHERE replicate_id = ANY(CAST(:ids AS text[]))
UNION SELECT id FROM foreign_predictions WHERE id = ANY(CAST(:ids AS text[]))
"""
_NOTE_FOREIGN = """
INSERT INTO foreign_predictions (id, read_at) SELECT unnest(CAST(:ids AS text[])), :now ON CONFLICT DO NOTHING
"""
_FORGET_FOREIGN = "DELETE FROM foreign_predictions WHERE read_at <= :oldest"

# The first account is accepted as ours: there are no jobs yet that another account could lack.
_NOTE_ACCOUNT = """
INSERT INTO provider_account AS held (username, since) VALUES (:username, 'epoch')
ON CONFLICT (singleton) DO UPDATE SET username = excluded.username, since = :now
WHERE held.username <> excluded.username AND CAST(:has_our_predictions AS boolean)
"""
_ACCOUNT_SINCE = "SELECT since FROM provider_account WHERE username = :username"

_NOTE_ABSENT = """
INSERT INTO absences AS held (job_id, revision, first_at) VALUES (:job_id, :revision, :now)
ON CONFLICT (job_id) DO UPDATE SET
    first_at = CASE WHEN held.revision = excluded.revision THEN held.first_at ELSE excluded.first_at END,
    revision = excluded.revision
RETURNING first_at
"""


class AbsenceRecords:
    """Readings of Replicate's list, in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known_predictions(self, ids: Sequence[str]) -> set[str]:
        """Return those ids of predictions that belong to one of our jobs, or are noted as foreign."""
        rows = self._database.run(_KNOWN, ids=list(ids)) if ids else []
        return {row["id"] for row in rows}

    def note_foreign(self, ids: Sequence[str], *, now: datetime) -> None:
        """Record predictions that carry no webhook of ours. The next search does not read them again."""
        self._database.run(_NOTE_FOREIGN, ids=list(ids), now=now)

    def forget_foreign(self, *, now: datetime) -> None:
        """Delete notes that are a day old."""
        self._database.run(_FORGET_FOREIGN, oldest=now - KEEP_FOREIGN)

    def note_account(self, username: str, *, has_our_predictions: bool, now: datetime) -> None:
        """Record whose account was read. Another account replaces the recorded one once it showed our predictions."""
        self._database.run(_NOTE_ACCOUNT, username=username, has_our_predictions=has_our_predictions, now=now)

    def account_since(self, username: str) -> datetime | None:
        """Return since when this has been the account that our jobs are sent to. None: it is another one."""
        rows = self._database.run(_ACCOUNT_SINCE, username=username)
        return rows[0]["since"] if rows else None

    def note_absent(self, job_id: str, revision: int, *, now: datetime) -> datetime:
        """Record a complete reading without the job; return when the first one of this submission was made."""
        first: datetime = self._database.run(_NOTE_ABSENT, job_id=job_id, revision=revision, now=now)[0]["first_at"]
        return first

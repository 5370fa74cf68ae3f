"""A user's jobs in PostgreSQL, newest first, page by page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mediagen.jobs.ids import created_at
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.database import Database
from mediagen.records.job_rows import EPOCH, read_job

# Params and outputs are not read: a hundred jobs may have 25 MB of params.
COLUMNS = f"""
SELECT id, user_id, media_type, model_id, status, revision, replicate_id, error_code, error_message, error_retryable,
       estimated_seconds, estimated_cost, cost, created_at, updated_at, deadline_at, started_at,
       completed_at, logged_percent, metadata, retry_of, batch_id, batch_index, callback_url, left_out,
       CAST('{{}}' AS jsonb) AS params, CAST('[]' AS jsonb) AS outputs, {EPOCH}
FROM jobs
"""  # nosec B608 # put together from constants

# Only the given filters are in the statement. With every condition in it, disabled by COALESCE, PostgreSQL took each
# for one that few jobs pass and sorted them all: 349 ms for the first page of 200,000 jobs, instead of 50.
_CONDITIONS = {
    "before_id": "(created_at, id) < (:before, :before_id)",
    "created_after": "created_at > :created_after",
    "status": "status = :status",
    "media_type": "media_type = :media_type",
    "model_id": "model_id = :model_id",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of a list; None: no filter."""

    status: Status | None = None
    media_type: str | None = None
    model_id: str | None = None
    created_after: datetime | None = None


class JobLists:
    """Pages of a user's jobs, and the key that signs the cursors."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key: bytes | None = None

    def page(self, user_id: str, filters: Filters, *, before_id: str | None, limit: int) -> list[Job]:
        """List jobs, newest first, without params and outputs. `before_id` is the last job of the previous page."""
        wanted: dict[str, object] = {
            "before_id": before_id,
            "created_after": filters.created_after,
            "status": filters.status and str(filters.status),
            "media_type": filters.media_type,
            "model_id": filters.model_id,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        before = {"before": created_at(before_id)} if before_id else {}
        rows = self._database.run(page_sql(given), user_id=user_id, limit=limit, **given, **before)
        return [read_job(row) for row in rows]

    def signing_key(self) -> bytes:
        """Return the key that signs cursors. It is read once."""
        if self._key is None:
            [row] = self._database.run("SELECT key FROM signing_keys WHERE purpose = 'cursors'")
            self._key = bytes(row["key"])
        return self._key


def page_sql(given: Iterable[str]) -> str:
    """Return the statement for some filters. The index jobs_of_user finds the position as (created_at, id)."""
    conditions = " AND ".join(["user_id = :user_id", "deleted_at IS NULL", *(_CONDITIONS[name] for name in given)])
    return f"{COLUMNS}WHERE {conditions} ORDER BY created_at DESC, id DESC LIMIT :limit"

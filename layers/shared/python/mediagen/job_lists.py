"""A user's jobs in PostgreSQL, newest first, page by page."""

from dataclasses import dataclass
from datetime import datetime

from mediagen.database import Database
from mediagen.ids import created_at
from mediagen.job_records import read_job
from mediagen.jobs import Job
from mediagen.states import Status

# The position is compared as (created_at, id), so the index jobs_of_user finds it. Params and outputs stay where they
# are: a hundred jobs may have 25 MB of params.
_PAGE = """
SELECT id, user_id, media_type, model_id, status, revision, replicate_id, error_code, error_message, error_retryable,
       estimated_seconds, estimated_cost, cost, created_at, updated_at, deadline_at, completed_at,
       CAST('{}' AS jsonb) AS params, CAST('[]' AS jsonb) AS outputs
FROM jobs
WHERE user_id = :user_id
  AND (created_at, id) < (COALESCE(CAST(:before AS timestamptz), 'infinity'),
                          COALESCE(CAST(:before_id AS uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND created_at > COALESCE(CAST(:created_after AS timestamptz), '-infinity')
  AND status = COALESCE(CAST(:status AS text), status)
  AND media_type = COALESCE(CAST(:media_type AS text), media_type)
  AND model_id = COALESCE(CAST(:model_id AS text), model_id)
ORDER BY created_at DESC, id DESC
LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which of a user's jobs are wanted; None: whatever it is."""

    status: Status | None = None
    media_type: str | None = None
    model_id: str | None = None
    created_after: datetime | None = None


class JobLists:
    """Reads pages, and the key that signs the cursors to the next ones."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key: bytes | None = None

    def page(self, user_id: str, filters: Filters, *, before_id: str | None, limit: int) -> list[Job]:
        """List jobs, newest first, without params and outputs; `before_id` is the last of the page before."""
        rows = self._database.run(
            _PAGE,
            user_id=user_id,
            before=created_at(before_id) if before_id else None,
            before_id=before_id,
            created_after=filters.created_after,
            status=str(filters.status) if filters.status else None,
            media_type=filters.media_type,
            model_id=filters.model_id,
            limit=limit,
        )
        return [read_job(row) for row in rows]

    def signing_key(self) -> bytes:
        """Return the key of the cursors; read once."""
        if self._key is None:
            [row] = self._database.run("SELECT key FROM signing_keys WHERE purpose = 'cursors'")
            self._key = bytes(row["key"])
        return self._key

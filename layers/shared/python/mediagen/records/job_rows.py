"""Parse rows of the table `jobs`."""

from collections.abc import Mapping

from mediagen.jobs.failures import Failure
from mediagen.jobs.job import Job, Output
from mediagen.jobs.left_out import read_left_out
from mediagen.jobs.state import Status
from mediagen.records.database import Row

# Read together with the row, so that no path needs another round trip.
EPOCH = "(SELECT began_at FROM epoch) AS epoch"

WITH_OUTPUTS = f"""
SELECT jobs.*, {EPOCH}, COALESCE((
    SELECT jsonb_agg(jsonb_build_object(
        'kind', kind, 'key', key, 'contentType', content_type, 'bytes', bytes, 'sha256', sha256,
        'width', width, 'height', height, 'durationSeconds', duration_seconds) ORDER BY position)
    FROM media_outputs WHERE job_id = jobs.id), '[]') AS outputs
FROM jobs
"""  # nosec B608 # put together from constants


def read_job(row: Row) -> Job:
    """Parse a row of `jobs` with its `outputs` and the epoch."""
    code = row["error_code"]
    return Job(
        id=str(row["id"]),
        user_id=str(row["user_id"]),
        media_type=row["media_type"],
        model_id=row["model_id"],
        status=Status(row["status"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deadline_at=row["deadline_at"],
        estimated_seconds=row["estimated_seconds"],
        estimated_cost=row["estimated_cost"],
        params=row["params"],
        revision=row["revision"],
        replicate_id=row["replicate_id"],
        cost=row["cost"],
        error=Failure(code, row["error_message"], row["error_retryable"]) if code else None,
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        logged_percent=row["logged_percent"],
        metadata=row["metadata"],
        retry_of=str(row["retry_of"]) if row["retry_of"] else None,
        batch_id=str(row["batch_id"]) if row["batch_id"] else None,
        batch_index=row["batch_index"],
        callback_url=row["callback_url"],
        outputs=tuple(read_output(item) for item in row["outputs"]),
        left_out=tuple(read_left_out(item) for item in row["left_out"]),
        epoch=row["epoch"],
    )


def read_output(item: Mapping[str, object]) -> Output:
    """Parse a file as `Output.document` writes it."""
    return Output(
        kind=str(item["kind"]),
        key=str(item["key"]),
        content_type=str(item["contentType"]),
        bytes=int(str(item["bytes"])),
        sha256=str(item["sha256"]),
        width=item["width"],  # type: ignore[arg-type]
        height=item["height"],  # type: ignore[arg-type]
        duration_seconds=item["durationSeconds"],  # type: ignore[arg-type]
    )

"""metadata.json: what was generated, from what, and how; stored beside the files."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from mediagen.aws.media_bucket import MediaBucket
from mediagen.jobs.job import Job, Output
from mediagen.jobs.left_out import LeftOut
from mediagen.media.keys import METADATA_NAME
from mediagen.media.metadata import CONTENT_TYPE, Generation, metadata_json
from mediagen.media.stored_result import read_result
from mediagen.replicate.client import Prediction
from mediagen.times import parse_optional_timestamp
from process_webhook.storing import Stored


def store_description(
    job: Job, prediction: Prediction, stored: Stored, now: datetime, bucket: MediaBucket
) -> tuple[tuple[Output, ...], tuple[LeftOut, ...]]:
    """Store the description of a job's files; return the outputs to record, and what was left out.

    The first description of a job is kept. A second worker that stores the same result records the first one's files:
    whichever of the two commits, PostgreSQL and metadata.json agree.
    """
    body, description = describe(job, prediction, stored.outputs, stored.left_out, now)
    kept = bucket.put_new(body, description.key, content_type=description.content_type)
    if kept == body:
        return (*stored.outputs, description), tuple(stored.left_out)
    first = read_result(kept, description.key)
    if first and first.replicate_id == prediction["id"]:
        return first.outputs, first.left_out
    bucket.put(body, description.key, content_type=description.content_type)  # it describes another prediction's files
    return (*stored.outputs, description), tuple(stored.left_out)


def describe(
    job: Job, prediction: Prediction, files: Sequence[Output], left_out: Sequence[LeftOut], now: datetime
) -> tuple[bytes, Output]:
    """Return the description of a job's files, and its own record as an output."""
    generation = Generation(
        job_id=job.id,
        user_id=job.user_id,
        media_type=job.media_type,
        model_id=job.model_id,
        params=job.params,
        replicate_id=prediction["id"],
        model=prediction.get("model"),
        version=prediction.get("version"),
        metrics=prediction.get("metrics") or {},
        cost=job.estimated_cost,
        created_at=job.created_at,
        started_at=parse_optional_timestamp(prediction.get("started_at")),
        completed_at=parse_optional_timestamp(prediction.get("completed_at")),
        stored_at=now,
    )
    body = metadata_json(generation, files, left_out)
    folder = files[0].key.rpartition("/")[0]
    digest = hashlib.sha256(body).hexdigest()
    return body, Output("metadata", f"{folder}/{METADATA_NAME}", CONTENT_TYPE, len(body), digest)

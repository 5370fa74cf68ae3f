"""metadata.json: what was generated, from what, and how; stored beside the files."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from mediagen.jobs.job import Job, Output
from mediagen.jobs.left_out import LeftOut
from mediagen.media.keys import METADATA_NAME
from mediagen.media.metadata import CONTENT_TYPE, Generation, metadata_json
from mediagen.replicate.client import Prediction
from mediagen.times import told_moment


def describe(
    job: Job, prediction: Prediction, files: Sequence[Output], left_out: Sequence[LeftOut], now: datetime
) -> tuple[bytes, Output]:
    """Write the description of a job's files, and what is recorded of it."""
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
        started_at=told_moment(prediction.get("started_at")),
        completed_at=told_moment(prediction.get("completed_at")),
        stored_at=now,
    )
    body = metadata_json(generation, files, left_out)
    folder = files[0].key.rpartition("/")[0]
    digest = hashlib.sha256(body).hexdigest()
    return body, Output("metadata", f"{folder}/{METADATA_NAME}", CONTENT_TYPE, len(body), digest)

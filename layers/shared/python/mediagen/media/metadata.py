"""The description that is stored beside the files of a job."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mediagen.jobs.job import Output
from mediagen.jobs.left_out import LeftOut
from mediagen.times import iso, optional_iso

CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Generation:
    """How the files of a job came to be; cost in US dollars, times as the job and Replicate tell them."""

    job_id: str
    user_id: str
    media_type: str
    model_id: str
    params: Mapping[str, object]
    replicate_id: str
    model: str | None
    version: str | None
    metrics: Mapping[str, object]
    cost: Decimal | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    stored_at: datetime


def metadata_json(generation: Generation, files: Sequence[Output], left_out: Sequence[LeftOut] = ()) -> bytes:
    """Write metadata.json; the same values give the same bytes."""
    document = {
        "jobId": generation.job_id,
        "userId": generation.user_id,
        "mediaType": generation.media_type,
        "modelId": generation.model_id,
        "prompt": generation.params.get("prompt"),
        "params": generation.params,
        "replicateId": generation.replicate_id,
        "model": generation.model,
        "version": generation.version,
        "metrics": generation.metrics,
        "cost": None if generation.cost is None else float(generation.cost),
        "createdAt": iso(generation.created_at),
        "startedAt": optional_iso(generation.started_at),
        "completedAt": optional_iso(generation.completed_at),
        "storedAt": iso(generation.stored_at),
        "files": [file.document() for file in files],
        "leftOut": [output.document() for output in left_out],
        "partial": bool(left_out),
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()

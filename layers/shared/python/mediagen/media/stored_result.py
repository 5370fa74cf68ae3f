"""Read a metadata.json back: a result that is in the bucket, although PostgreSQL may not know it any more."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mediagen.jobs.job import Output
from mediagen.jobs.left_out import LeftOut, read_left_out
from mediagen.media.metadata import CONTENT_TYPE
from mediagen.records.job_rows import read_output
from mediagen.strict_json import read_json
from mediagen.times import parse_iso


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A completed job as its metadata.json has it; `outputs` are all files of the folder, metadata.json among them."""

    replicate_id: str
    cost: Decimal
    metrics: Mapping[str, object]
    stored_at: datetime
    outputs: tuple[Output, ...]
    left_out: tuple[LeftOut, ...] = ()


def read_result(body: bytes, key: str) -> StoredResult | None:
    """Read the description stored under a key; None if it is not one of ours, or names no files."""
    try:
        document = read_json(body)
        result = _result(document, body, key)
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        return None
    return result if len(result.outputs) > 1 else None


def _result(document: Mapping[str, Any], body: bytes, key: str) -> StoredResult:
    description = Output("metadata", key, CONTENT_TYPE, len(body), hashlib.sha256(body).hexdigest())
    return StoredResult(
        replicate_id=str(document["replicateId"]),
        cost=Decimal(str(document["cost"])),
        metrics=dict(document["metrics"]),
        stored_at=parse_iso(document["storedAt"]),
        outputs=(*map(read_output, document["files"]), description),
        left_out=tuple(map(read_left_out, document.get("leftOut", ()))),
    )

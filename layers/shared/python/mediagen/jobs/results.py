"""The message that says a prediction has ended. Webhook and poller write the same: one code path finishes jobs."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mediagen.jobs.ids import is_job_id
from mediagen.times import iso

# What finishing a job needs. `logs` dominate the size of a prediction, `input` is in our own records.
_KEPT = (
    "id", "status", "output", "error", "metrics", "created_at", "started_at", "completed_at", "model", "version",
    "data_removed",
)  # fmt: skip
_UNBOUNDED = ("output", "error", "metrics")
MOST_SECONDS = 7 * 24 * 60 * 60  # no run lasts that long
MAX_BYTES = 200_000  # SQS takes 256 KB; an output of data URIs may be larger and is then read from Replicate again


def result_message(prediction: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Make the message for a prediction that has ended."""
    kept = {name: prediction.get(name) for name in _KEPT}
    message = {"jobId": job_id_of(prediction), "prediction": kept, "receivedAt": iso(now)}
    if len(json.dumps(message)) <= MAX_BYTES:
        return message
    return message | {"prediction": kept | dict.fromkeys(_UNBOUNDED), "fetch": True}


def predict_seconds(metrics: object) -> Decimal | None:
    """Read for how long the model ran by Replicate's account; None for what cannot be such a figure."""
    told = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= MOST_SECONDS:
        return None
    return Decimal(str(round(told, 3)))


def job_id_of(prediction: Mapping[str, Any]) -> str | None:
    """Find our job id in the webhook URL that the prediction echoes; the account may hold other people's URLs too."""
    url = prediction.get("webhook")
    if not isinstance(url, str):
        return None
    try:
        candidates = parse_qs(urlsplit(url).query).get("jobId", [])
    except ValueError:  # such as a host with half an IPv6 address
        return None
    return candidates[0] if len(candidates) == 1 and is_job_id(candidates[0]) else None

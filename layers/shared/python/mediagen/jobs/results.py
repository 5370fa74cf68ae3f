"""The message about a finished prediction. Webhook and poller send the same one, so one code path completes jobs."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mediagen.jobs.ids import is_job_id
from mediagen.times import iso

# The fields that completing a job needs. `logs` are most of a prediction's size, `input` is in our own records.
_KEPT = (
    "id", "status", "output", "error", "metrics", "created_at", "started_at", "completed_at", "model", "version",
    "data_removed",
)  # fmt: skip
_UNBOUNDED = ("output", "error", "metrics")
MOST_SECONDS = 7 * 24 * 60 * 60  # no run lasts that long
MAX_BYTES = 200_000  # SQS takes 256 KB; an output of data URIs may be larger and is then read from Replicate again


def result_message(prediction: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the message for a finished prediction."""
    kept = {name: prediction.get(name) for name in _KEPT}
    message = {"jobId": job_id_of(prediction), "prediction": kept, "receivedAt": iso(now)}
    if len(json.dumps(message)) <= MAX_BYTES:
        return message
    return message | {"prediction": kept | dict.fromkeys(_UNBOUNDED), "fetch": True}


def predict_seconds(metrics: object) -> Decimal | None:
    """Return the run time of the model as Replicate reports it; None if the value is not usable."""
    told = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= MOST_SECONDS:
        return None
    return Decimal(str(round(told, 3)))


def job_id_of(prediction: Mapping[str, Any]) -> str | None:
    """Return the job id in the webhook URL of a prediction. The account may also hold predictions of other programs."""
    url = prediction.get("webhook")
    if not isinstance(url, str):
        return None
    try:
        candidates = parse_qs(urlsplit(url).query).get("jobId", [])
    except ValueError:  # such as a host with half an IPv6 address
        return None
    return candidates[0] if len(candidates) == 1 and is_job_id(candidates[0]) else None

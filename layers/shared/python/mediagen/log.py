"""Logs: one JSON line per event, with metrics in CloudWatch's embedded metric format in the same line.

Never logged: headers, bodies, tokens, prompts, signed links.
Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from mediagen.errors.text import describe_with_causes
from mediagen.times import iso, utc_now

NAMESPACE = "VSL/MediaGeneration"
# Environments of one account and region share the namespace: this dimension keeps their metrics and alarms apart.
ENVIRONMENT = "Environment"
_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured value. Dimensions are few and bounded: a job or user id is never one.

    Each metric also has the dimension `Environment`. Each combination of values costs $0.30 a month.
    """

    name: str
    value: float
    unit: str = "Count"
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """The job and the user that an event is about."""

    job_id: str | None = None
    user_id: str | None = None
    media_type: str | None = None
    model_id: str | None = None


NOBODY = Subject()
_OCCASION: ContextVar[Mapping[str, object]] = ContextVar("occasion", default={})  # noqa: B039 - it is only ever replaced


@contextmanager
def occasion(**ids: object) -> Iterator[None]:
    """Add ids to every log line of the block: those of the request or the message that is being handled."""
    token = _OCCASION.set(ids)
    try:
        yield
    finally:
        _OCCASION.reset(token)


def quiet_libraries() -> None:
    """Limit libraries to warnings: at DEBUG, Lambda's level for the root logger, urllib3 logs every URL."""
    logging.getLogger().setLevel(logging.WARNING)


def event(
    action: str,
    *,
    level: str = "INFO",
    subject: Subject = NOBODY,
    duration_ms: float | None = None,
    error: str | None = None,
    metadata: Mapping[str, object] | None = None,
    metrics: Sequence[Metric] = (),
    now: datetime | None = None,
) -> None:
    """Write one event, such as `job.completed`. A line with metrics is written at every level."""
    if not metrics and _LEVELS[level] < _LEVELS.get(os.environ.get("LOG_LEVEL", "INFO"), 20):
        return
    moment = now or utc_now()
    line: dict[str, object] = {
        "timestamp": iso(moment),
        "level": level,
        "jobId": subject.job_id,
        "userId": subject.user_id,
        "action": action,
        "mediaType": subject.media_type,
        "modelId": subject.model_id,
        "duration": None if duration_ms is None else round(duration_ms, 1),
        "error": error,
        "metadata": {**_OCCASION.get(), **(metadata or {})},
    }
    _write(json.dumps(line | embedded(metrics, moment), default=str))


def _write(line: str) -> None:
    """Write a line. An error is ignored, because there is no other place to report it."""
    with suppress(OSError):
        print(line, flush=True)


def embedded(metrics: Sequence[Metric], moment: datetime) -> dict[str, object]:
    """Return metrics in the embedded metric format: values at the top level, directives under `_aws`."""
    if not metrics:
        return {}
    members: dict[str, object] = {ENVIRONMENT: os.environ.get("ENVIRONMENT", "unknown")}
    directives: list[dict[str, object]] = []
    for metric in metrics:
        members |= {**metric.dimensions, metric.name: metric.value}
        directives.append(
            {
                "Namespace": NAMESPACE,
                "Dimensions": [[ENVIRONMENT, *metric.dimensions]],
                "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
            }
        )
    aws = {"Timestamp": int(moment.timestamp() * 1000), "CloudWatchMetrics": directives}
    return members | {"_aws": aws}


def degraded(part: str, error: BaseException, *, subject: Subject = NOBODY) -> None:
    """Log and count that a part of the system is unavailable (the cache, the job table)."""
    event(
        "degraded",
        level="WARNING",
        subject=subject,
        error=describe_with_causes(error),
        metadata={"part": part},
        metrics=[Metric("Degraded", 1, dimensions={"part": part})],
    )


def unexpected(error: Exception, *, metrics: Sequence[Metric] = (), **metadata: object) -> None:
    """Log an exception that no code expected, with the last frames of its traceback but without its values."""
    import traceback  # only needed here

    frames = traceback.format_tb(error.__traceback__)[-6:]
    event(
        "unexpected_error",
        level="ERROR",
        error=describe_with_causes(error),
        metadata=metadata | {"trace": frames},
        metrics=metrics,
    )

"""The rules of a log line: our ten fields, and CloudWatch's rules for embedded metrics.

Specification: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Characters and lengths: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
"""

import json
import math
from typing import Any

from mediagen.times import parse_iso

FIELDS = ["timestamp", "level", "jobId", "userId", "action", "mediaType", "modelId", "duration", "error", "metadata"]
KIND = ["mediaType", "modelId"]
# Name: unit, and dimensions beside Environment, which every metric has. The first eight are those of the design, the
# others are for operators.
METRICS: dict[str, tuple[str, list[str]]] = {
    "JobsStarted": ("Count", KIND),
    "JobsCompleted": ("Count", KIND),
    "JobsFailed": ("Count", [*KIND, "errorType"]),
    "ProcessingTime": ("Seconds", KIND),
    "WebhookLatency": ("Milliseconds", []),
    "S3UploadTime": ("Milliseconds", []),
    "DatabaseWriteTime": ("Milliseconds", []),
    "CacheHitRate": ("Percent", []),
    "Degraded": ("Count", ["part"]),
    "CallbacksDelivered": ("Count", []),
    "CallbacksFailed": ("Count", []),
    "DerivativesFailed": ("Count", ["kind", "reason"]),
    "DuplicatePredictions": ("Count", []),
    "EpochNotRenewed": ("Count", []),
    "FfmpegUnusable": ("Count", []),
    "JobsInDanger": ("Count", []),
    "OutputsLeftOut": ("Count", []),
    "JobsOverdue": ("Count", []),
    "JobsQueued": ("Count", []),
    "SubmissionsPaused": ("Count", []),
    "MediaExpired": ("Count", []),
    "MediaKept": ("Count", []),
    "OutcomeUnknown": ("Count", []),
    "ModelOutage": ("Count", []),
    "ModelUnavailable": ("Count", ["modelId"]),
    "ProviderAccountProblem": ("Count", []),
    "ServerErrors": ("Count", []),
    "SubmissionsAmbiguous": ("Count", []),
    "UnknownFailureTexts": ("Count", ["modelId"]),
}
_RATES = ["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits"]
UNITS = {"Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None", "Terabits"}
UNITS |= {*_RATES, *(f"{rate}/Second" for rate in _RATES), "Terabits/Second"}
NEVER_DIMENSIONS = {"jobId", "userId", "replicateId", "requestId", "messageId"}


def check_line(line: dict[str, Any]) -> None:
    """Fail unless a log line keeps the rules."""
    assert list(line)[: len(FIELDS)] == FIELDS
    assert parse_iso(line["timestamp"]).utcoffset() is not None
    assert line["level"] in {"DEBUG", "INFO", "WARNING", "ERROR"}
    assert isinstance(line["metadata"], dict)
    assert len(json.dumps(line)) <= 256 * 1024
    if "_aws" in line:
        check_embedded_metrics(line)
    else:
        assert list(line) == FIELDS


def check_embedded_metrics(line: dict[str, Any]) -> None:
    """Fail unless a line is a document of the embedded metric format, with our names and dimensions."""
    directives = line["_aws"]["CloudWatchMetrics"]
    assert set(line["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
    assert type(line["_aws"]["Timestamp"]) is int
    assert directives
    for directive in directives:
        _check_directive(directive, line)
    names = [metric["Name"] for directive in directives for metric in directive["Metrics"]]
    assert len(names) == len(set(names)), "a second value would overwrite the first"


def _check_directive(directive: dict[str, Any], line: dict[str, Any]) -> None:
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert directive["Namespace"] == "VSL/MediaGeneration"
    assert 1 <= len(directive["Metrics"]) <= 100
    for metric in directive["Metrics"]:
        assert set(metric) <= {"Name", "Unit", "StorageResolution"}
        unit, dimensions = METRICS[metric["Name"]]
        assert metric["Unit"] == unit
        assert unit in UNITS
        assert [sorted(names) for names in directive["Dimensions"]] == [sorted(["Environment", *dimensions])]
        _check_value(line[metric["Name"]])
    for dimension in (name for names in directive["Dimensions"] for name in names):
        _check_dimension(dimension, line[dimension])


def _check_value(value: object) -> None:
    assert isinstance(value, (int, float))
    assert not isinstance(value, bool)
    assert math.isfinite(value)


def _check_dimension(name: str, value: object) -> None:
    assert name not in NEVER_DIMENSIONS
    assert isinstance(value, str)
    assert value.strip()
    assert value.isascii()
    assert len(value) <= 1024

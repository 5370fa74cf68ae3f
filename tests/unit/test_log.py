"""Log lines, and their embedded metrics."""

import ast
import importlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mediagen
from mediagen import log, worker
from mediagen.aws.client import _PROTOCOLS
from mediagen.http import edge
from mediagen.log import Metric, Subject
from unit.conftest import Logged
from unit.log_lines import FIELDS, METRICS, check_line

NOW = datetime(2026, 11, 22, 17, 0, 0, 123_456, tzinfo=UTC)
LAYER = Path(mediagen.__path__[0])
LAMBDAS = Path(str(importlib.import_module("authorize").__file__)).parents[1]
SOURCES = sorted([*LAYER.rglob("*.py"), *LAMBDAS.rglob("*.py")])
KIND = {"mediaType": "image", "modelId": "flux-schnell"}


@cache
def all_calls() -> list[tuple[str, ast.Call]]:
    """Find every call in the functions' code, by the last part of its name."""
    nodes = (node for path in SOURCES for node in ast.walk(ast.parse(path.read_text())))
    return [(ast.unparse(node.func).rpartition(".")[2], node) for node in nodes if isinstance(node, ast.Call)]


def calls(name: str) -> list[ast.Call]:
    return [call for called, call in all_calls() if called == name]


def identities(line: dict[str, Any]) -> Iterator[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Yield each metric's identity in CloudWatch: namespace, name, and the values of all dimensions."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                yield directive["Namespace"], metric["Name"], frozenset((name, line[name]) for name in names)


def test_a_line_has_the_ten_fields_in_order(logged: Logged) -> None:
    subject = Subject("job", "user", "image", "flux-schnell")
    log.event("job.done", subject=subject, duration_ms=12.345, error="no", metadata={"a": 1}, now=NOW)
    [line] = logged()
    assert list(line) == FIELDS
    assert line == {
        "timestamp": "2026-11-22T17:00:00.123Z",
        "level": "INFO",
        "jobId": "job",
        "userId": "user",
        "action": "job.done",
        "mediaType": "image",
        "modelId": "flux-schnell",
        "duration": 12.3,
        "error": "no",
        "metadata": {"a": 1},
    }


def test_a_line_is_one_line_whatever_is_in_it(logged: Logged) -> None:
    log.event("x", error="two\nlines\u2028\0é", metadata={"object": object(), "moment": NOW})
    [line] = logged()
    assert line["error"] == "two\nlines\u2028\0é"


@pytest.mark.parametrize(
    ("limit", "written"),
    [
        ("DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR"]),
        ("INFO", ["INFO", "WARNING", "ERROR"]),
        ("WARNING", ["WARNING", "ERROR"]),
        ("ERROR", ["ERROR"]),
        ("nonsense", ["INFO", "WARNING", "ERROR"]),
    ],
)
def test_the_level_decides_what_is_written(
    limit: str, written: list[str], logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", limit)
    for level in ("DEBUG", "INFO", "WARNING", "ERROR"):
        log.event("x", level=level)
    assert [line["level"] for line in logged()] == written


def test_a_line_with_metrics_is_written_at_every_level(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    log.event("database.write", level="DEBUG", metrics=[Metric("DatabaseWriteTime", 3.1, "Milliseconds")])
    assert [line["DatabaseWriteTime"] for line in logged()] == [3.1]


def test_metrics_lie_in_the_embedded_format(logged: Logged) -> None:
    metrics = [Metric("JobsCompleted", 1, dimensions=KIND), Metric("ProcessingTime", 9.5, "Seconds", KIND)]
    log.event("job.completed", subject=Subject("job", "user", "image", "flux-schnell"), metrics=metrics, now=NOW)
    [line] = logged()
    assert (line["JobsCompleted"], line["ProcessingTime"]) == (1, 9.5)
    assert line["_aws"] == {
        "Timestamp": 1795366800123,
        "CloudWatchMetrics": [
            {
                "Namespace": "VSL/MediaGeneration",
                "Dimensions": [["Environment", "mediaType", "modelId"]],
                "Metrics": [{"Name": name, "Unit": unit}],
            }
            for name, unit in (("JobsCompleted", "Count"), ("ProcessingTime", "Seconds"))
        ],
    }


def test_two_environments_of_an_account_write_no_metric_in_common(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {}
    for environment in ("vsl-homolog", "vsl-prod"):
        monkeypatch.setenv("ENVIRONMENT", environment)
        for name, (unit, dimensions) in METRICS.items():
            log.event("x", metrics=[Metric(name, 1, unit, dict.fromkeys(dimensions, "same"))])
        written[environment] = {identity for line in logged() for identity in identities(line)}
    assert {len(found) for found in written.values()} == {len(METRICS)}
    assert written["vsl-homolog"].isdisjoint(written["vsl-prod"])


@given(st.floats(0, 1e9), st.sampled_from(sorted(METRICS)), st.from_regex(r"[!-~]{1,100}", fullmatch=True))
def test_every_metric_there_is_keeps_the_rules_of_the_format(value: float, name: str, text: str) -> None:
    unit, dimensions = METRICS[name]
    metric = Metric(name, value, unit, dict.fromkeys(dimensions, text))
    line = dict.fromkeys(FIELDS) | {"timestamp": "2026-11-22T17:00:00.123Z", "level": "INFO", "metadata": {}}
    check_line(json.loads(json.dumps(line | log.embedded([metric], NOW))))


def test_degradations_are_counted_by_part(logged: Logged) -> None:
    log.degraded("cache", ConnectionError("a private prompt"), subject=Subject("job"))
    [line] = logged()
    assert (line["Degraded"], line["part"], line["jobId"], line["level"]) == (1, "cache", "job", "WARNING")
    assert line["error"] == "ConnectionError"


def test_every_metric_in_the_code_is_known_by_name_and_unit() -> None:
    found = set()
    for call in calls("Metric"):
        name, unit = call.args[0], call.args[2] if len(call.args) > 2 else ast.Constant("Count")
        assert isinstance(name, ast.Constant)
        assert isinstance(unit, ast.Constant)
        assert METRICS[str(name.value)][0] == unit.value, name.value
        found.add(name.value)
    assert found == set(METRICS)


def test_the_parts_that_are_counted_are_few_and_written_in_the_code() -> None:
    parts = {ast.unparse(call.args[0]) for call in calls("degraded")} - {"self._part", "part"}  # they pass theirs on
    assert parts
    assert all(part.startswith("'") for part in parts)
    assert len(parts) < 25


@pytest.mark.parametrize(
    "called",
    [
        lambda act: edge.http({}, lambda _request: act()),
        lambda act: worker.queue({"Records": [{"messageId": "1", "body": "{}"}]}, lambda _message: act()),
        lambda act: worker.task("task", act),
    ],
    ids=["http", "queue", "task"],
)
def test_libraries_log_no_url_through_lambdas_root_logger(
    called: Callable[[Callable[[], edge.Response]], object], caplog: pytest.LogCaptureFixture
) -> None:
    def act() -> edge.Response:
        logging.getLogger("urllib3.connectionpool").debug("https://replicate.delivery/result")
        return edge.Response(200, {})

    with caplog.at_level("DEBUG"):
        called(act)
    assert caplog.messages == []


def test_event_names_are_written_in_the_code_and_nothing_else_prints() -> None:
    names = {ast.unparse(call.args[0]) for call in calls("event")}
    composed = {"f'job.{target}'", "f'{name}.done'", "f'callback.{state}'"}
    assert {name for name in names if not name.startswith("'")} == composed
    assert len(calls("print")) == 1


def test_work_continues_if_its_log_cannot_be_written() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = "import sys; from mediagen import log; log.event('a'); log.event('b'); sys.stderr.write('done')"
    environment = {"PYTHONPATH": str(LAYER.parent)}
    command = [sys.executable, "-c", code]
    child = subprocess.run(command, check=False, stdout=writing, stderr=subprocess.PIPE, env=environment)
    os.close(writing)
    assert child.stderr.startswith(b"done")


def test_no_call_to_cloudwatch_can_be_throttled() -> None:
    """Metrics are in the log lines (embedded metric format); Lambda's agent sends them to CloudWatch later."""
    assert set(_PROTOCOLS) == {"dynamodb", "secretsmanager", "sqs", "ssm"}
    services = {ast.literal_eval(call.args[1]) for call in calls("call") if len(call.args) > 1}
    assert services <= set(_PROTOCOLS)
    assert not any("import boto" in path.read_text() for path in SOURCES)
    terraform = LAMBDAS.parent / "terraform"
    permissions = [terraform / "functions.tf", *(terraform / "modules" / "function").glob("*.tf")]
    assert not any("cloudwatch:" in path.read_text() for path in permissions)

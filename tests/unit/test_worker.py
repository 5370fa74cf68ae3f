"""The edge of functions that answer no client: queues, schedules and commands."""

import json
from typing import Any

import pytest

from mediagen import worker
from mediagen.errors.refusals import Unavailable
from mediagen.wiring import clients
from unit.conftest import Logged


def record(number: int, body: str | None = None, receives: int = 1) -> dict[str, Any]:
    """Make a record of an SQS event."""
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": json.dumps({"number": number}) if body is None else body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }


def fail_odd(message: dict[str, int]) -> None:
    """Fail for every second message."""
    if message["number"] % 2:
        raise RuntimeError("odd")


def test_only_failed_messages_are_retried() -> None:
    event = {"Records": [record(number) for number in range(5)]}
    answer = worker.queue(event, fail_odd)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}, {"itemIdentifier": "message-3"}]}


def test_a_batch_that_went_well_has_no_failures() -> None:
    assert worker.queue({"Records": [record(0), record(2)]}, fail_odd) == {"batchItemFailures": []}


@pytest.mark.parametrize("body", ["", "{", "nonsense", "[" * 100_000])
def test_a_message_that_is_not_json_fails_alone(body: str) -> None:
    handled: list[Any] = []
    answer = worker.queue({"Records": [record(1, body), record(2)]}, handled.append)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert handled == [{"number": 2}]


def test_the_log_shows_the_cause_of_the_failure(logged: Logged) -> None:
    def fail(_message: object) -> None:
        raise Unavailable("The database cannot be reached.") from PermissionError(13, "no right to read the address")

    worker.queue({"Records": [record(1)]}, fail)
    [line] = logged()
    assert line["error"] == "Unavailable: The database cannot be reached. from PermissionError: EACCES"


def test_a_failed_message_is_delayed_by_its_receipt_and_receive_count() -> None:
    calls: list[tuple[str, int]] = []
    event = {"Records": [record(1, receives=3), record(2, receives=4), record(3, receives=5)]}
    worker.queue(event, fail_odd, retry_later=lambda receipt, receives: calls.append((receipt, receives)))
    assert calls == [("receipt-1", 3), ("receipt-3", 5)]


def test_the_most_received_message_of_a_batch_counts() -> None:
    assert worker.receives({"Records": [record(1, receives=2), record(2, receives=5), record(3)]}) == 5


def test_a_message_that_cannot_be_rescheduled_still_fails_and_is_counted(logged: Logged) -> None:
    def retry_later(_receipt: str, _receives: int) -> None:
        raise OSError("no queue")

    assert worker.queue({"Records": [record(1)]}, fail_odd, retry_later=retry_later)["batchItemFailures"]
    assert [line["action"] for line in logged()] == ["unexpected_error", "degraded"]


def test_a_failure_is_logged_without_the_message(logged: Logged) -> None:
    worker.queue({"Records": [record(1, json.dumps({"number": 1, "prompt": "private"}), receives=2)]}, fail_odd)
    [line] = logged()
    assert (line["level"], line["error"]) == ("ERROR", "RuntimeError")
    assert (line["metadata"]["messageId"], line["metadata"]["receives"]) == ("message-1", 2)
    assert "private" not in json.dumps(line)


@pytest.mark.parametrize(("receives", "seconds"), [(1, 5), (2, 15), (3, 45), (4, 120), (5, 120), (50, 120)])
def test_each_receive_waits_longer_and_five_fit_into_replicates_hour(receives: int, seconds: int) -> None:
    calls: list[tuple[str, int]] = []

    def change_visibility(receipt: str, *, timeout_seconds: int) -> None:
        calls.append((receipt, timeout_seconds))

    clients.retry_later(change_visibility)("receipt", receives)
    assert calls == [("receipt", seconds)]
    assert sum(clients.RETRY_SECONDS) + 5 * 300 < 3600  # each of five receives may use its 300 s


def test_a_task_returns_its_result_and_logs_how_long_it_took(logged: Logged) -> None:
    assert worker.task("count", lambda: 3) == 3
    [line] = logged()
    assert line["action"] == "count.done"
    assert line["duration"] >= 0


def test_the_error_of_a_task_is_the_functions_error(logged: Logged) -> None:
    with pytest.raises(worker.TaskFailed, match="ZeroDivisionError"):
        worker.task("count", lambda: 1 / 0)
    [line] = logged()
    assert (line["action"], line["metadata"]["task"]) == ("unexpected_error", "count")

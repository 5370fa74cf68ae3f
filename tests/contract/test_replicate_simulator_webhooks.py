"""Webhooks work as documented: signed, filtered, in order. Only the final webhook is retried."""

import socket
import time
from itertools import pairwise
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contract.simulator_client import SimulatorClient
from contract.webhook_receiver import Received, Receiver
from replicate_simulator.fault_names import WEBHOOKS
from replicate_simulator.webhooks import retry_pauses

pytestmark = pytest.mark.slow

COMPLETED: dict[str, Any] = {"webhook_events_filter": ["completed"]}


def statuses(received: list[Received]) -> list[str]:
    return [str(webhook.prediction["status"]) for webhook in received]


def ids(received: list[Received]) -> set[str]:
    return {webhook.headers["webhook-id"] for webhook in received}


def is_genuine(client: SimulatorClient, webhook: Received) -> bool:
    try:
        Webhook(client.simulator.settings.webhook_secret).verify(webhook.body, webhook.headers)
    except WebhookVerificationError:
        return False
    return True


def test_the_body_is_the_prediction(client: SimulatorClient, receiver: Receiver) -> None:
    done = client.finished("été", webhook=receiver.url(), **COMPLETED)
    (webhook,) = receiver.wait_for_count(1)
    assert webhook.prediction == done
    assert (webhook.path, webhook.headers["content-type"]) == ("/webhook?jobId=job-1", "application/json")
    assert "été".encode() in webhook.body


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["completed"], ["succeeded"]),
        (["start", "completed"], ["processing", "succeeded"]),
        (["start", "output", "completed"], ["processing", "processing", "succeeded"]),
        ([], []),
    ],
)
def test_only_requested_events_are_sent_in_order(
    client: SimulatorClient, receiver: Receiver, wanted: list[str], expected: list[str]
) -> None:
    client.finished(webhook=receiver.url(), webhook_events_filter=wanted)
    client.finished("afterwards", webhook=receiver.url("/last"), **COMPLETED)
    received = receiver.wait_for(lambda r: r[-1:] != [] and r[-1].path == "/last")
    receiver.wait_for_count(len(expected) + 1)
    assert statuses([r for r in receiver.received if r.path != "/last"]) == expected
    assert received


def test_all_events_are_sent_when_none_are_chosen(client: SimulatorClient, receiver: Receiver) -> None:
    client.finished("[[fault:takes seconds=1]]", webhook=receiver.url())
    receiver.wait_for_status("succeeded")
    logs = [webhook.prediction["logs"] for webhook in receiver.received]
    outputs = [webhook.prediction["output"] is not None for webhook in receiver.received]
    assert len(logs) >= 4
    assert logs == sorted(logs, key=len)
    assert outputs[-2:] == [True, True]
    assert ids(receiver.received) == {r.headers["webhook-id"] for r in receiver.received}


def test_the_pauses_between_attempts_double_up_to_a_minute() -> None:
    pauses = retry_pauses(60)
    assert sum(pauses) == pytest.approx(60)
    assert [later / earlier for earlier, later in pairwise(pauses)] == pytest.approx([2] * 4)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 500, 503])
def test_the_last_webhook_is_retried_until_it_is_accepted(
    client: SimulatorClient, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status] * 3
    client.create(webhook=receiver.url(), **COMPLETED)
    received = receiver.wait_for_count(4)
    assert len(ids(received)) == 1
    assert {webhook.path for webhook in received} == {"/webhook?jobId=job-1"}
    assert all(is_genuine(client, webhook) for webhook in received)


def test_the_last_webhook_is_dropped_after_six_attempts(client: SimulatorClient, receiver: Receiver) -> None:
    receiver.answers = [500] * 6
    created = client.create(webhook=receiver.url(), **COMPLETED)
    receiver.wait_for_count(6)
    client.finished("afterwards", webhook=receiver.url("/last"), **COMPLETED)
    receiver.wait_for_count(7)
    assert [attempt["status"] for attempt in deliveries_of(client, created["id"])] == [500] * 6


def test_other_webhooks_are_not_retried(client: SimulatorClient, receiver: Receiver) -> None:
    receiver.answers = [500]
    client.finished(webhook=receiver.url(), webhook_events_filter=["start", "completed"])
    receiver.wait_for_status("succeeded")
    assert statuses(receiver.received) == ["processing", "succeeded"]


def test_a_refused_connection_is_retried(client: SimulatorClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = client.finished(webhook=f"http://127.0.0.1:{port}/", **COMPLETED)
    deliveries = wait_for_deliveries(client, done["id"], 6)
    assert {attempt["status"] for attempt in deliveries} == {None}
    assert "ConnectionRefusedError" in deliveries[0]["error"]


def deliveries_of(client: SimulatorClient, prediction_id: str) -> list[dict[str, Any]]:
    deliveries = client.json("GET", "/control/webhooks")["deliveries"]
    return [attempt for attempt in deliveries if attempt["prediction"] == prediction_id]


def wait_for_deliveries(client: SimulatorClient, prediction_id: str, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 20
    while len(found := deliveries_of(client, prediction_id)) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_names_under_localhost_are_this_machine_and_kept_as_host(client: SimulatorClient, receiver: Receiver) -> None:
    host = "a1b2c3.execute-api.localhost"
    client.create(webhook=receiver.url(host=host), **COMPLETED)
    (webhook,) = receiver.wait_for_count(1)
    assert webhook.headers["host"] == f"{host}:{receiver.port}"


@pytest.mark.parametrize("fault", ["nsfw", "canceled", "aborted"])
def test_every_terminal_status_is_reported(client: SimulatorClient, receiver: Receiver, fault: str) -> None:
    done = client.finished(f"[[fault:{fault}]]", webhook=receiver.url(), **COMPLETED)
    (webhook,) = receiver.wait_for_count(1)
    assert webhook.prediction["status"] == done["status"]


def test_a_cancel_by_the_caller_is_reported(client: SimulatorClient, receiver: Receiver) -> None:
    created = client.create("[[fault:never-finishes]]", webhook=receiver.url(), **COMPLETED)
    client.json("POST", f"/v1/predictions/{created['id']}/cancel")
    (webhook,) = receiver.wait_for_count(1)
    assert webhook.prediction["status"] == "canceled"


def sent_with(client: SimulatorClient, receiver: Receiver, fault: str) -> list[Received]:
    """Return the webhooks of a prediction with a fault, and those of an ordinary one after it."""
    client.finished(f"[[fault:{fault}]]", webhook=receiver.url(), **COMPLETED)
    client.finished("afterwards", webhook=receiver.url("/last"), **COMPLETED)
    receiver.wait_for(lambda received: any(webhook.path == "/last" for webhook in received))
    return [webhook for webhook in receiver.received if webhook.path != "/last"]


def test_a_webhook_can_be_missing(client: SimulatorClient, receiver: Receiver) -> None:
    assert sent_with(client, receiver, "webhook-missing") == []


def test_a_webhook_can_be_duplicated_with_its_id(client: SimulatorClient, receiver: Receiver) -> None:
    client.create("[[fault:webhook-duplicate count=3]]", webhook=receiver.url(), **COMPLETED)
    received = receiver.wait_for_count(3)
    assert len(ids(received)) == 1
    assert {webhook.body for webhook in received} == {received[0].body}


def test_the_start_event_can_arrive_after_the_completed_event(client: SimulatorClient, receiver: Receiver) -> None:
    client.create("[[fault:webhook-reordered]]", webhook=receiver.url(), **COMPLETED)
    received = receiver.wait_for_count(2)
    assert statuses(received) == ["succeeded", "processing"]
    assert all(is_genuine(client, webhook) for webhook in received)


def test_a_webhook_can_be_late(client: SimulatorClient, receiver: Receiver) -> None:
    client.finished("[[fault:webhook-delayed seconds=600]]", webhook=receiver.url(), **COMPLETED)
    client.finished("afterwards", webhook=receiver.url("/last"), **COMPLETED)
    assert [webhook.path for webhook in receiver.wait_for_count(1)] == ["/last"]
    client.finished("[[fault:webhook-delayed seconds=0.1]]", webhook=receiver.url(), **COMPLETED)
    assert receiver.wait_for_count(2)[-1].path == "/webhook?jobId=job-1"


@pytest.mark.parametrize("fault", ["webhook-forged", "webhook-tampered", "webhook-stale"])
def test_a_webhook_can_be_not_genuine(client: SimulatorClient, receiver: Receiver, fault: str) -> None:
    client.create(f"[[fault:{fault}]]", webhook=receiver.url(), **COMPLETED)
    (webhook,) = receiver.wait_for_count(1)
    assert not is_genuine(client, webhook)


def test_the_right_signature_can_stand_among_others(client: SimulatorClient, receiver: Receiver) -> None:
    client.create("[[fault:webhook-many-signatures]]", webhook=receiver.url(), **COMPLETED)
    (webhook,) = receiver.wait_for_count(1)
    versions = [entry.partition(",")[0] for entry in webhook.headers["webhook-signature"].split()]
    assert versions == ["v1a", "v1", "v1"]
    assert is_genuine(client, webhook)


def test_every_webhook_fault_is_tested_above() -> None:
    tried = {"missing", "duplicate", "reordered", "delayed", "forged", "tampered", "stale", "many-signatures"}
    assert {f"webhook-{name}" for name in tried} == set(WEBHOOKS)

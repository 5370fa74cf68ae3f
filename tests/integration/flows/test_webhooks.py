"""The webhook endpoint refuses webhooks that Replicate did not sign, or signed long ago, and does not queue them."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from integration.conftest import Logged
from integration.flows.cloud import SIGNING
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from integration.waiting import eventually
from receive_webhook.handler import lambda_handler
from replicate_simulator.settings import new_webhook_secret
from replicate_simulator.webhooks import sign

JOB = "019aac7c-0000-7000-8000-000000000000"
URL = f"https://api.example.com/webhook/replicate?jobId={JOB}"
PREDICTION: dict[str, Any] = {
    "id": "p-1",
    "status": "succeeded",
    "output": None,
    "webhook": URL,
    "logs": "",
    "input": {},
}


def signed(body: bytes, secret: str, *, age_seconds: int = 0, message_id: str = "msg_1") -> dict[str, str]:
    timestamp = int(time.time()) - age_seconds
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }


def received(body: bytes, headers: dict[str, str], *, url: str = URL, encoded: bool = False) -> Answer:
    event = http_event("POST /webhook/replicate", url, headers=headers, body=body, encoded=encoded)
    return Answer.read(lambda_handler(event, Context(10)))


@pytest.fixture
def secret(world: World) -> str:
    return world.replicate.settings.webhook_secret


@pytest.fixture
def queued(world: World) -> Callable[[], int]:
    return lambda: world.cloud.waiting(world.queues["webhooks"])[0]


def body_of(**changes: Any) -> bytes:
    return json.dumps(PREDICTION | changes).encode()


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
def test_a_signed_result_is_queued_and_acknowledged(secret: str, queued: Callable[[], int], encoded: bool) -> None:
    body = body_of(error="größer 🎬")
    answer = received(body, signed(body, secret), encoded=encoded)
    assert (answer.status, answer.body, queued()) == (202, {"queued": True}, 1)


def forgeries(secret: str) -> dict[str, tuple[bytes, dict[str, str], str]]:
    body = body_of()
    good = signed(body, secret)
    return {
        "unsigned": (body, {}, URL),
        "signed by somebody else": (body, signed(body, new_webhook_secret()), URL),
        "changed after signing": (body_of(status="failed"), good, URL),
        "with another id": (body, good | {"webhook-id": "msg_2"}, URL),
        "with another time": (body, good | {"webhook-timestamp": str(int(time.time()) - 1)}, URL),
        "replayed after six minutes": (body, signed(body, secret, age_seconds=360), URL),
        "from the future": (body, signed(body, secret, age_seconds=-360), URL),
        "with a time that is none": (body, good | {"webhook-timestamp": "now"}, URL),
        "of an unknown version": (body, good | {"webhook-signature": "v2," + good["webhook-signature"][3:]}, URL),
        "sent to another job's URL": (body, good, URL.replace("7000", "7001")),
        "sent without the job": (body, good, URL.partition("?")[0]),
    }


@pytest.mark.parametrize("kind", forgeries(new_webhook_secret()))
def test_a_webhook_that_is_not_genuine_is_refused_and_not_queued(
    secret: str, queued: Callable[[], int], logged: Logged, kind: str
) -> None:
    body, headers, url = forgeries(secret)[kind]
    answer = received(body, headers, url=url)
    assert (answer.status, answer.body["code"], queued()) == (401, "invalid_signature", 0)
    [line] = logged()
    assert line["metadata"].keys() == {"code", "requestId"}


@pytest.mark.parametrize("fault", ["webhook-forged", "webhook-tampered", "webhook-stale"])
def test_replicates_own_forgeries_are_refused_with_401(world: World, queued: Callable[[], int], fault: str) -> None:
    job_id = world.accepted(f"[[fault:{fault}]]")
    tries = world.replicate.simulator.webhooks.deliveries
    statuses = eventually(lambda: [one.status for one in tries if one.prediction == world.prediction(job_id).id], fault)
    assert (set(statuses), queued()) == ({401}, 0)


def test_one_of_several_signatures_is_enough(world: World) -> None:
    world.settled(world.accepted("[[fault:webhook-many-signatures]]"))


def test_during_a_rotation_both_secrets_count(
    world: World, secret: str, queued: Callable[[], int], restart: Callable[..., None]
) -> None:
    new, body = new_webhook_secret(), body_of()
    world.cloud.secret(SIGNING, f"{new}\n{secret}\n")
    try:
        restart()
        assert [received(body, signed(body, one)).status for one in (new, secret)] == [202, 202]
        assert received(body, signed(body, new_webhook_secret())).status == 401
    finally:
        world.cloud.secret(SIGNING, secret)
    assert queued() == 2


@pytest.mark.parametrize("status", ["starting", "processing"])
def test_a_nonterminal_event_is_acknowledged_and_not_queued(
    secret: str, queued: Callable[[], int], status: str
) -> None:
    body = body_of(status=status)
    assert (received(body, signed(body, secret)).status, queued()) == (200, 0)


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"id": 1, "status": "succeeded"}'])
def test_a_signed_body_that_is_no_prediction_is_refused(secret: str, queued: Callable[[], int], body: bytes) -> None:
    assert (received(body, signed(body, secret)).status, queued()) == (400, 0)


@pytest.mark.parametrize("webhook", [URL, None, "https://api.example.com/webhook/replicate"])
def test_a_result_of_an_unknown_job_is_acknowledged_and_logged_without_effect(
    world: World, secret: str, logged: Logged, webhook: str | None
) -> None:
    body = body_of(webhook=webhook)
    assert received(body, signed(body, secret)).status == 202
    assert world.pump() == []
    assert world.cloud.waiting(world.queues["webhooks"]) == (0, 0)
    assert [line["level"] for line in logged() if line["action"] == "webhook.unknown_job"] == ["WARNING"]
    assert world.count("jobs") == world.count("job_events") == world.count("media_outputs") == 0

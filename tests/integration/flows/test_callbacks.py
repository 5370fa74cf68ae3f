"""Callbacks from the request to the receiver, with every failure between them."""

import json
from collections.abc import Callable

import pytest

from integration.conftest import Logged
from integration.flows.callbacks import (
    DELIVERIES,
    an_hour_passes,
    ask,
    asked,
    delivered,
    manage,
    states,
    verified,
)
from integration.flows.world import JSON, World
from integration.media.file_host import FileHost, body
from integration.waiting import eventually
from mediagen.records.callbacks import CallbackRecords
from mediagen.times import utc_now


@pytest.mark.parametrize(
    ("prompt", "status"), [("ein Boot", "completed"), ("[[fault:nsfw]]", "failed"), ("[[fault:canceled]]", "canceled")]
)
def test_a_completed_job_arrives_as_a_signed_status_document(
    world: World, receiver: FileHost, prompt: str, status: str
) -> None:
    job_id = asked(world, receiver, prompt=prompt)
    delivered(world, receiver)
    told, shown = verified(world, receiver), world.status(job_id).body
    assert told["status"] == status
    for document in (told, shown):
        for output in document["outputs"]:
            assert output.pop("url").startswith("http") and output.pop("expiresAt")
    assert told == shown
    assert states(world, job_id) == [["delivered", 1]]


def test_a_canceled_job_also_sends_its_callback(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver, prompt="[[fault:never-finishes]]")
    assert world.act("cancel", job_id).status == 200
    delivered(world, receiver)
    assert verified(world, receiver)["status"] == "canceled"


def test_duplicate_results_send_one_callback(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver, prompt="[[fault:webhook-duplicate count=3]]")
    world.settled(job_id)
    delivered(world, receiver)
    for _ in range(3):
        assert world.hand_over("callbacks", {"jobId": job_id})
    assert len(receiver.bodies) == 1


def test_a_failed_attempt_is_logged_and_repeated_under_the_same_id(
    world: World, receiver: FileHost, logged: Logged
) -> None:
    job_id = asked(world, receiver, 500, 302, 204)
    world.settled(job_id)
    for tries in (1, 2, 3):
        delivered(world, receiver, tries)
        an_hour_passes(world)
        world.check()
    assert len({headers["webhook-id"] for _, headers in receiver.requests}) == 1
    shown = manage(world, f"GET {DELIVERIES}", job_id).body
    assert [made["statusCode"] for made in shown["deliveries"]] == [204, 302, 500]
    assert (shown["callback"]["state"], shown["callback"]["webhookId"]) == (
        "delivered",
        receiver.requests[0][1]["webhook-id"],
    )
    text = json.dumps(logged())
    assert receiver.origin() not in text and "whsec_" not in text and "v1," not in text


def test_the_poller_sends_a_callback_after_a_crash_before_its_message(
    world: World, receiver: FileHost, restart: Callable[..., None]
) -> None:
    restart(CALLBACKS_QUEUE_URL=f"{world.queues['callbacks']}-gone")
    job_id = asked(world, receiver)
    world.settled(job_id)
    restart(CALLBACKS_QUEUE_URL=world.queues["callbacks"])
    assert world.cloud.waiting(world.queues["callbacks"]) == (0, 0)
    assert states(world, job_id) == [["pending", 0]]
    an_hour_passes(world)
    world.check()
    delivered(world, receiver)
    assert verified(world, receiver)["jobId"] == job_id


def test_a_worker_that_dies_before_or_after_it_sent_is_replaced(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver)
    eventually(lambda: world.pump("webhooks") == [] and world.job(job_id).status.is_final, "the end of the job")
    claimed = CallbackRecords(world.database).claim(job_id, now=utc_now())  # and never returns
    assert claimed is not None
    assert world.hand_over("callbacks", {"jobId": job_id})  # its message becomes visible too early
    assert receiver.bodies == []
    an_hour_passes(world)
    world.check()
    delivered(world, receiver)
    assert receiver.requests[-1][1]["webhook-id"] == claimed.id
    assert states(world, job_id) == [["delivered", 2]]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://localhost/", "https://10.0.0.1/", "ftp://a.com/"])
def test_an_address_that_may_not_be_called_is_refused_before_anything_is_spent(world: World, url: str) -> None:
    answer = ask(world, url)
    assert (answer.status, answer.body["errors"][0]["path"]) == (422, "callbackUrl")
    assert world.count("jobs") == 0


def test_an_address_that_was_allowed_once_is_checked_again(
    world: World, receiver: FileHost, restart: Callable[..., None]
) -> None:
    job_id = asked(world, receiver)
    restart(ALLOWED_CALLBACK_ORIGINS="")
    world.settled(job_id)
    eventually(lambda: world.pump() == [] and states(world, job_id) == [["pending", 1]], "the first try")
    [made] = manage(world, f"GET {DELIVERIES}", job_id).body["deliveries"]
    assert (made["statusCode"], made["error"]) == (None, "address_refused")
    assert receiver.requests == []


def test_a_request_repeated_with_its_key_has_one_callback(world: World, receiver: FileHost) -> None:
    wanted = {
        "mediaType": "image",
        "modelId": "flux-schnell",
        "prompt": "a",
        "callbackUrl": receiver.serve("/vsl", body(b"")),
    }
    headers = {**JSON, "Idempotency-Key": "one"}
    answers = [world.post(json.dumps(wanted).encode(), headers=headers) for _ in range(3)]
    assert len({answer.body["jobId"] for answer in answers}) == 1
    world.settled(answers[0].body["jobId"])
    delivered(world, receiver)
    assert world.count("callbacks") == 1
    other = wanted | {"callbackUrl": receiver.origin() + "/other"}
    assert world.post(json.dumps(other).encode(), headers=headers).body["code"] == "idempotency_key_reused"

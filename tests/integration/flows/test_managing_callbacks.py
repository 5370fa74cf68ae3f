"""Managing callbacks: verify, list attempts, redeliver, and delete and retry jobs that have one."""

import json
from datetime import datetime, timedelta

from standardwebhooks import Webhook

from integration.flows.batches import BOAT, jobs_of
from integration.flows.batches import ask as ask_for_batch
from integration.flows.callbacks import (
    DELIVERIES,
    STRANGER,
    asked,
    delivered,
    manage,
    verified,
)
from integration.flows.world import World
from integration.media.file_host import FileHost, body
from mediagen.times import utc_now


def test_a_secret_that_is_rotated_goes_on_verifying_beside_the_new_one(world: World, receiver: FileHost) -> None:
    [old] = manage(world, "GET /callback-secret").body["secrets"]
    new, ending = manage(world, "POST /callback-secret/rotate").body["secrets"]
    assert (ending["secret"], new["endsAt"]) == (old["secret"], None)
    job_id = asked(world, receiver)
    world.settled(job_id)
    delivered(world, receiver)
    for secret in (old, new):
        told = Webhook(secret["secret"]).verify(receiver.bodies[0], receiver.requests[0][1])
        assert told["jobId"] == job_id


def test_a_delivery_is_made_again_on_demand_with_a_new_time_and_fresh_links(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver)
    world.settled(job_id)
    delivered(world, receiver)
    answer = manage(world, f"POST {DELIVERIES}", job_id)
    assert (answer.status, answer.body["callback"]["state"]) == (202, "pending")
    delivered(world, receiver, 2)
    assert verified(world, receiver, 0)["jobId"] == verified(world, receiver, 1)["jobId"]
    assert [made["try"] for made in manage(world, f"GET {DELIVERIES}", job_id).body["deliveries"]] == [2, 1]


def test_the_deliveries_of_somebody_elses_job_cannot_be_seen_or_caused(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver)
    world.settled(job_id)
    delivered(world, receiver)
    for method in ("GET", "POST"):
        answer = manage(world, f"{method} {DELIVERIES}", job_id, STRANGER)
        assert (answer.status, answer.body["code"]) == (404, "job_not_found")
    world.pump()
    assert len(receiver.bodies) == 1


def test_an_impossible_redelivery_is_a_409(world: World, receiver: FileHost) -> None:
    without, running = world.accepted(), asked(world, receiver, prompt="[[fault:never-finishes]]")
    world.settled(without)
    codes = [manage(world, f"POST {DELIVERIES}", job_id).body["code"] for job_id in (without, running)]
    assert codes == ["no_callback", "job_running"]


def test_the_signed_time_is_the_time_of_the_attempt(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver)
    world.settled(job_id)
    delivered(world, receiver)
    told = datetime.fromtimestamp(int(receiver.requests[0][1]["webhook-timestamp"]), tz=utc_now().tzinfo)
    assert abs(utc_now() - told) < timedelta(minutes=1)


def test_a_deleted_job_sends_no_callback_and_loses_its_address(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver, 503)
    world.settled(job_id)
    delivered(world, receiver)
    assert world.act("delete", job_id).status == 204
    kept = world.sql.run("SELECT url, state, next_try_at FROM callbacks WHERE job_id = :id", id=job_id)
    assert kept == [["", "failed", None]]
    assert world.sql.run("SELECT callback_url FROM jobs WHERE id = :id", id=job_id) == [[None]]
    world.pump()
    assert world.hand_over("callbacks", {"jobId": job_id})
    assert len(receiver.bodies) == 1
    assert manage(world, f"GET {DELIVERIES}", job_id).body["code"] == "job_not_found"


def test_a_retry_keeps_the_callback_address(world: World, receiver: FileHost) -> None:
    job_id = asked(world, receiver, prompt="[[fault:nsfw]]")
    world.settled(job_id)
    again = world.act("retry", job_id).body["jobId"]
    world.settled(again)
    delivered(world, receiver, 2)
    assert {json.loads(told)["jobId"] for told in receiver.bodies} == {job_id, again}


def test_each_job_of_a_batch_has_its_callback_and_only_an_invalid_address_is_refused(
    world: World, receiver: FileHost
) -> None:
    good = BOAT | {"callbackUrl": receiver.serve("/vsl", body(b""))}
    answer = ask_for_batch(world, good, good, BOAT | {"callbackUrl": "https://169.254.169.254/"})
    assert answer.body["counts"] == {"accepted": 2, "refused": 1}
    assert answer.body["results"][2]["error"]["errors"][0]["path"] == "callbackUrl"
    delivered(world, receiver, 2)
    assert {json.loads(told)["jobId"] for told in receiver.bodies} == {*jobs_of(answer)}

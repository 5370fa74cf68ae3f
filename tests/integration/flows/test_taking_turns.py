"""New requests and the queue share one rate limiter: no request jumps the queue, and no crash loses a job."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from time_machine import TimeMachineFixture

from integration.conftest import Logged
from integration.flows.batches import BOAT, ask
from integration.flows.world import World
from integration.wire import closed_port
from mediagen.cache.pace import KEY
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.times import utc_now

SLOW = {"REPLICATE_CREATES_PER_MINUTE": "6"}  # one in ten seconds, and no burst


@pytest.fixture
def slow(world: World, restart: Callable[..., None]) -> World:
    restart(**SLOW)
    return world


@pytest.fixture
def pass_seconds(world: World, time_machine: TimeMachineFixture) -> Callable[[int], None]:
    """Advance the time while the queue is processed."""
    time_machine.move_to(utc_now())

    def seconds(number: int) -> None:
        for _ in range(number):
            time_machine.shift(1)
            assert world.pump("submissions") == []

    return seconds


def test_a_request_over_the_rate_is_queued_without_a_create_call(
    slow: World, pass_seconds: Callable[[int], None], logged: Logged
) -> None:
    first, second = slow.accepted(), slow.generate()
    assert (slow.job(first).status, second.status, second.body["status"]) == (Status.PROCESSING, 202, "queued")
    job_id = second.body["jobId"]
    assert (slow.job(job_id).revision, slow.reasons(job_id)) == (0, ["accepted"])
    assert slow.status(job_id).body["status"] == "queued"
    item = slow.cloud.item(job_id)
    assert item is not None and item["status"] == {"S": "queued"}
    assert slow.cloud.waiting(slow.queues["submissions"]) == (0, 1)
    pass_seconds(5)
    assert slow.created(job_id)["created"] == 0
    pass_seconds(10)
    assert slow.created(job_id)["created"] == 1
    assert slow.reasons(job_id)[:3] == ["accepted", "submit", "accepted_by_replicate"]
    assert sum(line["action"] == "job.queued" for line in logged()) == 1


def test_no_job_jumps_the_queue(slow: World, pass_seconds: Callable[[int], None]) -> None:
    accepted = []
    for _ in range(4):
        accepted.append(slow.accepted("[[fault:never-finishes]]"))
        pass_seconds(3)
    pass_seconds(50)
    found = slow.replicate.simulator.store.newest_first()
    assert [one.job for one in reversed(found)] == accepted


def test_a_retry_also_waits_for_a_dispatch_slot(slow: World) -> None:
    job_id = slow.accepted()
    slow.settled(job_id)
    answer = slow.act("retry", job_id)
    assert (answer.status, answer.body["status"]) == (202, "queued")
    assert slow.cloud.waiting(slow.queues["submissions"]) == (0, 1)


def test_the_same_request_again_is_answered_as_the_first(slow: World) -> None:
    slow.accepted()
    body = json.dumps(BOAT).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "order 7"}
    answers = [slow.post(body, headers=headers) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert slow.count("jobs") == 2
    assert slow.cloud.waiting(slow.queues["submissions"]) == (0, 1)


def test_a_dispatch_slot_beyond_the_queues_delay_is_requeued(world: World, logged: Logged) -> None:
    job_id = world.accepted("[[fault:429 retry_after=600 times=1]]")
    turn_at = int(utc_now().timestamp()) + 2000
    before = world.cloud.waiting(world.queues["submissions"])
    assert world.hand_over("submissions", {"jobId": job_id, "turnAt": turn_at})
    assert world.cloud.waiting(world.queues["submissions"]) == (before[0], before[1] + 1)
    assert world.job(job_id).status is Status.QUEUED
    assert [line for line in logged() if line["action"] == "unexpected_error"] == []


def test_one_message_too_many_does_no_harm(slow: World, redis_client: Redis) -> None:
    job_id = slow.accepted()
    redis_client.delete(KEY)
    for _ in range(3):
        assert slow.hand_over("submissions", {"jobId": job_id})
    assert slow.created(job_id)["created"] == 1
    assert redis_client.get(KEY) is None  # if no job is queued, no dispatch slot is used
    assert slow.cloud.waiting(slow.queues["submissions"]) == (0, 0)


def test_a_message_sends_the_next_job_in_dispatch_order(slow: World) -> None:
    first, second = (result["jobId"] for result in ask(slow, BOAT, BOAT).body["results"])
    assert slow.hand_over("submissions", {"jobId": second})
    assert (slow.created(first)["created"], slow.created(second)["created"]) == (1, 0)


def test_a_canceled_job_leaves_its_dispatch_slot_to_others(slow: World, pass_seconds: Callable[[int], None]) -> None:
    slow.accepted()
    canceled, other = slow.accepted(), slow.accepted()
    assert slow.act("cancel", canceled).status == 200
    pass_seconds(40)
    assert (slow.created(canceled)["created"], slow.created(other)["created"]) == (0, 1)


def test_a_crash_after_taking_a_dispatch_slot_costs_only_that_slot(
    slow: World, restart: Callable[..., None], pass_seconds: Callable[[int], None]
) -> None:
    restart(DATABASE_URL_PARAMETER="/none")
    assert slow.generate().status == 503
    restart(DATABASE_URL_PARAMETER="/vsl-test/database-url")
    job_id = slow.accepted()
    pass_seconds(25)
    assert slow.created(job_id)["created"] == 1


def test_a_crash_before_the_message_was_sent_is_the_pollers(
    slow: World, restart: Callable[..., None], redis_client: Redis
) -> None:
    slow.accepted()
    restart(AWS_ENDPOINT_URL_SQS=f"http://127.0.0.1:{closed_port()}")
    job_id = slow.accepted()
    restart(AWS_ENDPOINT_URL_SQS="")
    redis_client.delete(KEY)
    slow.overdue(job_id)
    slow.check()
    assert slow.settled(job_id).status is Status.COMPLETED
    assert slow.created(job_id) == {"created": 1, "billable": 1}


def test_a_crash_after_the_claim_ends_in_one_paid_generation(slow: World, redis_client: Redis) -> None:
    [result] = ask(slow, BOAT).body["results"]
    taken = slow.records.take_turn(Change("submit", timedelta(minutes=2)), now=utc_now())
    assert taken and taken.id == result["jobId"]  # here the worker crashes
    redis_client.delete(KEY)
    slow.overdue(taken.id)
    slow.check()
    slow.looked_for_in_vain(taken.id)
    assert slow.reasons(taken.id)[2:3] == ["absence_proven"]
    assert slow.settled(taken.id).status is Status.COMPLETED
    assert slow.created(taken.id) == {"created": 1, "billable": 1}


def test_without_redis_jobs_are_sent_at_once_as_before(
    slow: World, restart: Callable[..., None], logged: Logged
) -> None:
    restart(REDIS_URL_PARAMETER="/none")
    assert [slow.generate().body["status"] for _ in range(2)] == ["processing", "processing"]
    refused: Any = slow.generate("[[fault:429 retry_after=1 times=1]]").body
    assert refused["status"] == "queued"
    assert slow.settled(refused["jobId"]).status is Status.COMPLETED
    assert any(line.get("metadata", {}).get("part") == "cache" for line in logged() if line["action"] == "degraded")


def test_the_poller_counts_queued_jobs_and_sends_no_messages_during_dispatch(slow: World, logged: Logged) -> None:
    slow.accepted()
    waiting = slow.accepted()
    slow.overdue(waiting)
    slow.check()
    assert slow.cloud.waiting(slow.queues["submissions"]) == (0, 1)
    [done] = [line for line in logged() if line["action"] == "check.done"]
    assert done["JobsQueued"] == 1

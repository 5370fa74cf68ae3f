"""Duplicate, late and reordered results: exactly one counts, and a terminal state is final."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from integration.conftest import Logged
from integration.flows.world import World
from integration.waiting import eventually
from mediagen.jobs.state import Status
from mediagen.settings import read_settings
from mediagen.times import utc_now
from process_webhook.flow import process_webhook
from process_webhook.wiring import Settings, ports


def message(job_id: str, prediction_id: str, status: str, output: Any = None) -> dict[str, Any]:
    return {"jobId": job_id, "prediction": {"id": prediction_id, "status": status, "output": output}}


def test_a_webhook_delivered_three_times_completes_the_job_once(world: World, logged: Logged) -> None:
    job_id = world.accepted("[[fault:webhook-duplicate count=3]]")
    job = world.settled(job_id)

    def all_processed() -> bool:
        world.pump()
        return len(world.processed) == 3

    eventually(all_processed, "the third message")
    assert world.job(job_id) == job
    assert sum(line.get("JobsCompleted", 0) for line in logged()) == 1
    assert len([line for line in logged() if line["action"] == "webhook.duplicate"]) == 2


def test_events_in_the_wrong_order_do_no_harm(world: World) -> None:
    job_id = world.accepted("[[fault:webhook-reordered]]")
    job = world.settled(job_id)
    sent = world.replicate.simulator.webhooks.deliveries
    eventually(lambda: [one for one in sent if one.event == "start"], "the late start event")
    world.pump()
    assert (world.job(job_id), job.status) == (job, Status.COMPLETED)


@pytest.mark.parametrize("lost", ["call", "answer"])
def test_of_two_runs_at_once_exactly_one_completes(
    world: World, redis_client: Redis, logged: Logged, lost: str
) -> None:
    """Also if both find a job whose create call's answer was lost, and first have to adopt the prediction."""
    fault = "[[fault:cut-after-accept]]" if lost == "answer" else ""
    job_id = world.accepted(f"{fault} [[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    result, barrier = message(job_id, prediction.id, "succeeded", prediction.output), Barrier(2)

    def run(number: int) -> str | None:
        settings = world.container_settings(read_settings(Settings), number)
        connected = ports(settings, lambda: 60.0, is_last_receive=False)
        connected.records.find_any(job_id)  # connected before the start
        barrier.wait()
        try:
            process_webhook(result, clock=utc_now, ports=connected)
        except Exception as error:
            return type(error).__name__
        return None

    with ThreadPoolExecutor(2) as pool:
        errors = list(pool.map(run, range(2)))
    assert set(errors) <= {None, "JobIsMoving"}  # the message that lost the race is received again
    assert world.hand_over("webhooks", result)
    assert world.job(job_id).status is Status.COMPLETED
    assert world.reasons(job_id).count("succeeded") == 1
    assert sum(line.get("JobsCompleted", 0) for line in logged()) == 1
    assert redis_client.exists(f"webhook:processed:{prediction.id}")


@pytest.mark.parametrize("late", ["succeeded", "failed", "canceled", "aborted"])
@pytest.mark.parametrize("first", ["succeeded", "failed"])
def test_a_late_webhook_does_not_reopen_a_finished_job(
    world: World, redis_client: Redis, restart: Callable[..., None], first: str, late: str
) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    world.hand_over("webhooks", message(job_id, prediction.id, first, prediction.output))
    ended, fetched = world.job(job_id), dict(world.replicate.simulator.file_requests)
    assert ended.status is (Status.COMPLETED if first == "succeeded" else Status.FAILED)
    redis_client.flushall()  # the cache may lose the mark of processed predictions
    assert world.hand_over("webhooks", message(job_id, prediction.id, late, prediction.output))
    assert world.job(job_id) == ended
    assert world.replicate.simulator.file_requests == fetched


def test_another_prediction_of_a_job_that_failed_is_reported_and_ignored(world: World, logged: Logged) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    assert world.hand_over("webhooks", message(job_id, "another-prediction", "failed"))
    assert world.job(job_id).status is Status.PROCESSING
    assert sum(line.get("DuplicatePredictions", 0) for line in logged()) == 1


def test_a_second_prediction_is_canceled_when_the_first_turns_out_to_have_succeeded(world: World) -> None:
    first = world.ended_at_replicate(world.accepted("[[fault:webhook-missing]]"))
    job_id = world.accepted("[[fault:never-finishes]]")
    second = world.prediction(job_id)
    assert world.hand_over("webhooks", message(job_id, first.id + "-first", "succeeded", first.output))
    job = world.settled(job_id)
    assert (job.status, job.replicate_id, second.status) == (Status.COMPLETED, first.id + "-first", "canceled")


def test_a_prediction_is_marked_processed_only_after_the_commit(world: World, redis_client: Redis) -> None:
    job_id = world.accepted("[[fault:webhook-missing]] [[fault:output-cut]]")
    prediction = world.ended_at_replicate(job_id)
    assert not world.hand_over("webhooks", message(job_id, prediction.id, "succeeded", prediction.output))
    assert redis_client.keys("webhook:*") == []


def test_a_result_may_be_faster_than_the_answer_to_the_create_call(world: World) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(world.generate, "[[fault:slow seconds=1]]")
        result = world.take("webhooks")
        settings = world.container_settings(read_settings(Settings), 0)
        process_webhook(result, clock=utc_now, ports=ports(settings, lambda: 60.0, is_last_receive=False))
        answer = asked.result()
    job_id = answer.body["jobId"]
    assert answer.status == 202
    assert world.created(job_id) == {"created": 1, "billable": 1}
    assert world.job(job_id).status is Status.COMPLETED
    assert world.status(job_id).body["status"] == "completed"
    item = world.cloud.item(job_id)
    assert item is not None
    assert item["status"] == {"S": "completed"}

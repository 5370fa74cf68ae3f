"""Replicate certainly did not accept the job: it waits in the queue, and is sent once when that is possible."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from integration.conftest import Logged
from integration.flows.cloud import TOKEN
from integration.flows.world import World
from integration.waiting import eventually
from integration.wire import closed_port
from mediagen.jobs.state import Status


def test_a_throttled_job_is_sent_after_the_time_replicate_asks_for(world: World, logged: Logged) -> None:
    answer = world.generate("ein Boot [[fault:429 retry_after=1 times=1]]")
    assert (answer.status, answer.body["status"]) == (202, "queued")
    job_id = answer.body["jobId"]
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 1)

    def sent() -> bool:
        world.pump("submissions")
        return world.job(job_id).status is Status.PROCESSING

    eventually(sent, "the second try")
    world.settled(job_id)
    assert world.reasons(job_id) == [
        "accepted", "submit", "throttled", "submit", "accepted_by_replicate", "succeeded"
    ]  # fmt: skip
    assert world.created(job_id) == {"created": 1, "billable": 1}
    assert [line["error"] for line in logged() if line["action"] == "job.postponed"] == ["throttled"]


def test_a_duplicate_message_sends_once(world: World) -> None:
    job_id = world.accepted("ein Boot [[fault:429 times=1]]")
    world.resumed()
    for _ in range(2):
        assert world.hand_over("submissions", {"jobId": job_id})
    assert world.created(job_id)["created"] == 1


@pytest.mark.parametrize("model", ["audio/musicgen", "image/flux-schnell"], ids=["by version", "by name"])
def test_a_refused_connection_is_no_submission(world: World, restart: Callable[..., None], model: str) -> None:
    restart(REPLICATE_BASE_URL=f"http://127.0.0.1:{closed_port()}/v1")
    answer = world.generate(model=model)
    assert (answer.status, answer.body["status"]) == (202, "queued")
    job_id = answer.body["jobId"]
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 1)
    restart(REPLICATE_BASE_URL=f"{world.replicate.url}/v1")
    world.resumed()
    world.hand_over("submissions", {"jobId": job_id})
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.created(job_id) == {"created": 1, "billable": 1}


@pytest.mark.parametrize("fault", ["402", "401", "status status=403"])
def test_a_problem_of_our_account_is_the_operators_and_not_the_clients(
    world: World, logged: Logged, fault: str
) -> None:
    answer = world.generate(f"ein Boot [[fault:{fault}]]")
    assert (answer.status, answer.body["status"]) == (202, "queued")
    shown = json.dumps([answer.body, world.status(answer.body["jobId"]).body]).lower()
    assert not any(word in shown for word in ("credit", "billing", "replicate", "token"))
    [postponed] = [line for line in logged() if line["action"] == "job.postponed"]
    assert (postponed["level"], postponed["ProviderAccountProblem"]) == ("ERROR", 1)
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 1)


def test_a_token_that_was_revoked_is_an_account_problem(
    world: World, logged: Logged, restart: Callable[..., None]
) -> None:
    world.cloud.secret(TOKEN, "r8_revoked")
    try:
        restart()
        assert world.generate(model="audio/musicgen").body["status"] == "queued"
    finally:
        world.cloud.first_secret(TOKEN, world.replicate.settings.api_token)
    assert sum(line.get("ProviderAccountProblem", 0) for line in logged()) == 1


def test_a_job_that_waited_past_its_deadline_is_not_sent(world: World) -> None:
    job_id = world.accepted("ein Boot [[fault:429 times=1]]")
    world.overdue(job_id, deadline_passed=True)
    world.resumed()
    world.hand_over("submissions", {"jobId": job_id})
    job = world.job(job_id)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "deadline_exceeded")
    assert world.created(job_id)["created"] == 0


def test_a_model_removed_while_the_job_was_queued_is_unavailable(
    world: World, restart: Callable[..., None], redis_client: Any
) -> None:
    job_id = world.accepted("ein Boot [[fault:429 times=1]]")
    redis_client.delete("models:config:v1", "replicate:pace")
    restart(MODELS="{}")
    world.hand_over("submissions", {"jobId": job_id})
    job = world.job(job_id)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "model_unavailable")


def test_a_queue_outage_does_not_lose_the_job(world: World, restart: Callable[..., None]) -> None:
    restart(AWS_ENDPOINT_URL_SQS=f"http://127.0.0.1:{closed_port()}")
    answer = world.generate("ein Boot [[fault:429 times=1]]")
    assert (answer.status, answer.body["status"]) == (202, "queued")
    restart(AWS_ENDPOINT_URL_SQS="")
    world.resumed()
    world.overdue(answer.body["jobId"])
    world.check()
    assert world.settled(answer.body["jobId"]).status is Status.COMPLETED

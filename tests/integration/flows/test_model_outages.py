"""The circuit of a failing model opens before anything is spent, and closes after one successful probe."""

import json
from typing import Any

import pytest
from redis import Redis

from integration.flows.batches import BOAT
from integration.flows.batches import ask as ask_batch
from integration.flows.events import Context, http_event
from integration.flows.world import World
from integration.stores.jobs import add_user
from list_models.handler import lambda_handler as list_models
from mediagen.jobs.circuit_breaker import THRESHOLD
from mediagen.jobs.state import Status

HEALTH = "models:health:image:flux-schnell"
BODY = b'{"mediaType": "image", "modelId": "flux-schnell", "prompt": "[[fault:failed]]"}'


def availability(world: World, model_id: str = "flux-schnell") -> Any:
    url, path = f"/models/{model_id}", {"modelId": model_id}
    answer = list_models(http_event("GET /models/{modelId}", url, path=path, user_id=world.user_id), Context(10))
    return json.loads(str(answer["body"]))["availability"]


def time_passes(redis_client: Redis) -> None:
    """Advance the time until the circuit is half-open."""
    kept = json.loads(str(redis_client.get(HEALTH)))
    redis_client.set(HEALTH, json.dumps(kept | {"open_until": 0}))


@pytest.fixture
def broken(world: World) -> World:
    """A world in which the model's create calls have failed until the circuit opened."""
    for _ in range(THRESHOLD):
        assert world.generate("[[fault:500]]").status == 202
    return world


def test_a_model_whose_create_calls_crash_is_refused_and_costs_nothing(broken: World, redis_client: Redis) -> None:
    spent = {name: redis_client.get(name) for name in redis_client.keys("ratelimit:*")}
    answer = broken.generate()
    assert (answer.status, answer.body["code"], answer.body["retryable"]) == (503, "model_unavailable", True)
    assert answer.headers["content-type"] == "application/problem+json"
    assert 25 <= int(answer.headers["retry-after"]) <= 30
    assert availability(broken) == {"status": "unavailable", "retryAfterSeconds": pytest.approx(28, abs=3)}
    assert {name: redis_client.get(name) for name in redis_client.keys("ratelimit:*")} == spent
    assert broken.count("jobs") == THRESHOLD


def test_other_models_are_not_concerned(broken: World) -> None:
    assert broken.generate(model="image/flux-plain").status == 202
    assert availability(broken, "flux-plain") == {"status": "available", "retryAfterSeconds": None}


def test_one_accepted_request_closes_the_circuit(broken: World, redis_client: Redis) -> None:
    time_passes(redis_client)
    assert availability(broken) == {"status": "probing", "retryAfterSeconds": 0}
    assert [broken.generate().status for _ in range(2)] == [202, 202]
    assert availability(broken) == {"status": "available", "retryAfterSeconds": None}


def test_a_failed_probe_keeps_the_circuit_open_for_longer(broken: World, redis_client: Redis) -> None:
    time_passes(redis_client)
    assert broken.generate("[[fault:503]]").status == 202
    assert 55 <= int(broken.generate().headers["retry-after"]) <= 60


def test_runs_that_fail_for_several_users_close_it_until_a_run_succeeds(world: World, redis_client: Redis) -> None:
    for _ in range(THRESHOLD):
        answer = world.post(BODY, user_id=add_user(world.sql))
        assert world.settled(answer.body["jobId"]).status is Status.FAILED
    assert world.generate().body["code"] == "model_unavailable"
    time_passes(redis_client)
    probe = world.accepted()
    assert world.generate().body["code"] == "model_unavailable"
    assert availability(world)["status"] == "probing"
    assert world.settled(probe).status is Status.COMPLETED
    assert world.generate().status == 202


def test_one_users_failing_requests_close_nothing(world: World) -> None:
    for _ in range(THRESHOLD + 1):
        assert world.settled(world.post(BODY).body["jobId"]).status is Status.FAILED
    assert availability(world)["status"] == "available"


def test_a_job_that_waits_already_is_sent_all_the_same(world: World) -> None:
    waiting = world.generate("[[fault:429 retry_after=1 times=1]]").body
    assert waiting["status"] == "queued"
    world.resumed()
    for _ in range(THRESHOLD):
        world.generate("[[fault:500]]")
    assert world.generate().status == 503
    assert world.settled(waiting["jobId"]).status is Status.COMPLETED


def test_of_a_batch_one_request_is_the_probe_and_other_models_are_not_concerned(
    broken: World, redis_client: Redis
) -> None:
    requests = [BOAT, BOAT | {"modelId": "flux-plain"}, BOAT]
    refused = ask_batch(broken, *requests).body["results"]
    assert [result.get("error", {}).get("code") for result in refused] == [
        "model_unavailable",
        None,
        "model_unavailable",
    ]
    time_passes(redis_client)
    results = ask_batch(broken, *requests).body["results"]
    assert [result.get("error", {}).get("code") for result in results] == [None, None, "model_unavailable"]
    assert broken.settled(results[0]["jobId"]).status is Status.COMPLETED
    assert availability(broken)["status"] == "available"

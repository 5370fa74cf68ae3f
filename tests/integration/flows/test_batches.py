"""Requests in a batch: each is accepted or refused on its own, and sent to Replicate once."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from generate_batch.flow import generate_batch
from generate_batch.handler import lambda_handler as handle_batch
from integration.flows.batches import (
    BOAT,
    UNKNOWN,
    WRONG,
    ask,
    counts,
    created_once,
    event_of,
    finished,
    in_container,
    jobs_of,
    look,
)
from integration.flows.events import Answer, Context, http_event
from integration.flows.test_repeated_requests import problem
from integration.flows.world import JSON, World
from mediagen.http import edge

NOW = datetime(2026, 11, 22, 17, 30, 0, tzinfo=UTC)
STRANGER = "0198c0de-0000-4000-8000-000000000009"
AT_ONCE = 20


def test_valid_requests_are_accepted_and_the_rest_refused_in_request_order(world: World) -> None:
    answer = ask(world, BOAT, WRONG, BOAT | {"prompt": "ein Hut"}, UNKNOWN, "no object")
    assert (answer.status, answer.body["counts"]) == (202, {"accepted": 2, "refused": 3})
    assert [result["index"] for result in answer.body["results"]] == [0, 1, 2, 3, 4]
    refused = [result["error"] for result in answer.body["results"] if "error" in result]
    assert [error["code"] for error in refused] == ["invalid_fields", "unknown_model", "invalid_request"]
    assert refused[0]["errors"][0]["path"] == "params.num_outputs"
    batch_id = answer.body["batchId"]
    assert answer.headers["location"] == answer.body["statusUrl"] == f"/batches/{batch_id}"
    running = look(world, batch_id)
    assert (running.body["status"], counts(running.body["counts"])) == ("running", {"queued": 2, "refused": 3})
    assert running.headers["retry-after"] == "5"
    ended = finished(world, batch_id)
    assert counts(ended.body["counts"]) == {"completed": 2, "refused": 3}
    assert "retry-after" not in ended.headers
    assert [result for result in ended.body["results"] if "error" in result] == [
        result for result in answer.body["results"] if "error" in result
    ]
    assert created_once(world, jobs_of(answer))
    assert [world.status(job_id).body["status"] for job_id in jobs_of(ended)] == ["completed", "completed"]


def test_a_job_of_a_batch_is_found_and_canceled_like_any_other_before_it_is_sent(world: World) -> None:
    from cancel_job.handler import lambda_handler as cancel_job

    answer = ask(world, BOAT, BOAT)
    first, second = jobs_of(answer)
    assert world.status(first).body["status"] == "queued"
    url, path = f"/jobs/{first}/cancel", {"jobId": first}
    event = http_event("POST /jobs/{jobId}/cancel", url, path=path, user_id=world.user_id)
    assert Answer.read(cancel_job(event, Context(15))).status == 200
    ended = finished(world, answer.body["batchId"])
    assert counts(ended.body["counts"]) == {"completed": 1, "canceled": 1}
    assert created_once(world, [second])
    assert world.reasons(second) == ["accepted", "submit", "accepted_by_replicate", "succeeded"]


def test_a_batch_of_which_nothing_is_accepted_is_none_and_leaves_no_key_behind(
    world: World, redis_client: Redis
) -> None:
    refused = ask(world, WRONG, UNKNOWN, key="key-1")
    assert problem(refused) == (422, "batch_refused")
    assert [result["error"]["code"] for result in refused.body["results"]] == ["invalid_fields", "unknown_model"]
    assert (world.count("batches"), world.count("jobs"), redis_client.keys("ratelimit:*")) == (0, 0, [])
    assert ask(world, BOAT, key="key-1").status == 202


@pytest.mark.parametrize("requests", [None, [], [BOAT] * 101, "text"], ids=["missing", "none", "too many", "text"])
def test_a_list_that_is_none_is_refused_as_a_whole(world: World, requests: Any) -> None:
    body = json.dumps({} if requests is None else {"requests": requests}).encode()
    event = http_event("POST /batches", "/batches", headers=JSON, body=body, user_id=world.user_id)
    answer = Answer.read(handle_batch(event, Context(30)))
    assert (problem(answer), answer.body["errors"][0]["path"]) == ((422, "invalid_fields"), "requests")
    assert world.count("jobs") == 0


def test_the_first_ones_are_accepted_as_far_as_the_limit_goes(world: World, restart: Callable[..., None]) -> None:
    restart(RATE_LIMIT_PER_HOUR="3")
    answer = ask(world, BOAT, WRONG, BOAT, BOAT, BOAT, BOAT, key="key-1")
    codes = [result.get("error", {}).get("code", "made") for result in answer.body["results"]]
    assert codes == ["made", "invalid_fields", "made", "made", "rate_limited", "rate_limited"]
    assert answer.headers["ratelimit"].startswith('"hour";r=0;')
    assert (world.count("jobs"), ask(world, BOAT, WRONG, BOAT, BOAT, BOAT, BOAT, key="key-1").body) == (3, answer.body)
    refused = ask(world, BOAT, BOAT, key="key-2")
    assert (problem(refused), len(refused.body["results"])) == ((429, "rate_limited"), 2)
    assert refused.headers["ratelimit"].endswith(f";t={refused.headers['retry-after']}")
    assert (world.count("batches"), world.count("idempotency_keys")) == (1, 1)


def test_another_users_batch_is_not_found(world: World) -> None:
    batch_id = ask(world, BOAT).body["batchId"]
    other = world.sql.run("INSERT INTO users VALUES (gen_random_uuid(), 'other', now()) RETURNING CAST(id AS text)")
    assert look(world, batch_id).status == 200
    for user_id in (other[0][0], STRANGER):
        assert problem(look(world, batch_id, user_id)) == (404, "batch_not_found")
    assert problem(look(world, batch_id, "")) == (401, "unauthorized")
    for unknown in (jobs_of(look(world, batch_id))[0], "no-id"):
        assert problem(look(world, unknown)) == (404, "batch_not_found")


def test_a_hundred_requests_are_one_answer_and_a_hundred_messages(world: World) -> None:
    answer = ask(world, *[BOAT | {"prompt": f"Boot {number}"} for number in range(100)])
    assert (answer.status, answer.body["counts"]) == (202, {"accepted": 100, "refused": 0})
    assert world.cloud.waiting(world.queues["submissions"]) == (100, 0)
    prompts = {world.job(job_id).params["prompt"]: at for at, job_id in enumerate(jobs_of(answer))}
    assert prompts == {f"Boot {number}": number for number in range(100)}


def test_of_twenty_batches_at_once_exactly_as_many_requests_are_accepted_as_the_limit_allows(
    world: World, redis_client: Redis
) -> None:
    barrier = Barrier(AT_ONCE)
    event = event_of(world, [BOAT] * 5)

    def request(number: int) -> Answer:
        ports = in_container(world, number, limit=42)
        barrier.wait()
        return Answer.read(edge.http(event, lambda request: generate_batch(request, now=NOW, ports=ports)))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(request, range(AT_ONCE)))
    assert {answer.status for answer in answers} == {202, 429}
    assert sum(len(jobs_of(answer)) for answer in answers) == world.count("jobs") == 42
    assert redis_client.get(f"ratelimit:user:{world.user_id}:{int(NOW.timestamp()) // 3600}") == "42"


def test_a_job_that_was_deleted_stays_counted_and_the_answer_to_the_key_as_it_was(world: World) -> None:
    from delete_job.handler import lambda_handler as delete_job

    first = ask(world, BOAT, WRONG, key="key-1")
    before = finished(world, first.body["batchId"])
    [job_id] = jobs_of(first)
    event = http_event("DELETE /jobs/{jobId}", f"/jobs/{job_id}", path={"jobId": job_id}, user_id=world.user_id)
    assert Answer.read(delete_job(event, Context(30))).status == 204
    assert world.status(job_id).status == 404
    assert look(world, first.body["batchId"]).body == before.body
    assert ask(world, BOAT, WRONG, key="key-1").body == first.body


def test_the_limits_of_a_user_admit_the_first_ones(world: World) -> None:
    world.sql.run("UPDATE users SET concurrent_jobs = 2, monthly_budget = 0.01 WHERE id = :id", id=world.user_id)
    song = {"mediaType": "audio", "modelId": "musicgen", "prompt": "waves"}  # 0.021 dollars; a boat costs 0.003
    answer = ask(world, BOAT, song, WRONG, BOAT, BOAT)
    codes = [result.get("error", {}).get("code", "made") for result in answer.body["results"]]
    assert codes == ["made", "budget_exceeded", "invalid_fields", "made", "too_many_running_jobs"]
    assert answer.headers["ratelimit"].startswith('"hour";r=98;')  # refused requests are refunded
    assert problem(ask(world, BOAT)) == (429, "too_many_running_jobs")

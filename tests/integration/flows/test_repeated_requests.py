"""The same request with the same `Idempotency-Key`, whatever happened in between: one job, paid once."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from generate_media.flow import generate_media
from integration.flows.cloud import CONTAINERS
from integration.flows.containers import accepting_container
from integration.flows.events import Answer, http_event
from integration.flows.world import JSON, World
from mediagen.errors.refusals import Unavailable
from mediagen.http import edge
from mediagen.jobs.state import Status

NOW = datetime(2026, 11, 22, 17, 30, 0, tzinfo=UTC)
BODY = {"mediaType": "image", "modelId": "flux-schnell", "prompt": "ein Boot"}


def ask(world: World, key: str = "key-1", **changes: Any) -> Answer:
    return world.post(json.dumps(BODY | changes).encode(), headers=JSON | {"Idempotency-Key": key})


def problem(answer: Answer) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status, answer.body["code"]


def test_the_answer_is_the_same_before_and_after_the_end_of_the_job(world: World) -> None:
    first = ask(world)
    assert ask(world).body == first.body
    assert world.settled(first.body["jobId"]).status is Status.COMPLETED
    again = ask(world)
    assert (again.status, again.body, again.headers["location"]) == (202, first.body, first.headers["location"])
    assert world.count("jobs") == world.replicate.simulator.report()["created"] == 1


@pytest.mark.parametrize("fault", ["422", "404", "402 times=1", "429 retry_after=1 times=1", "500"])
def test_a_job_that_was_not_taken_is_answered_as_one_that_was(world: World, fault: str) -> None:
    prompt = f"[[fault:{fault}]]"
    first = ask(world, prompt=prompt)
    assert (first.status, first.body["status"]) == (202, "queued")
    assert ask(world, prompt=prompt).body == first.body
    assert world.count("jobs") == 1


def test_a_crash_between_the_commit_and_the_answer_is_settled_by_the_poller_not_by_the_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("mediagen.lifecycle.accept.submit", crash)
        assert ask(world).status == 500
    answer = ask(world)
    assert answer.status == 202
    job_id = answer.body["jobId"]
    assert (world.job(job_id).status, world.created(job_id)["created"]) == (Status.SUBMITTING, 0)
    world.overdue(job_id)
    world.check()
    world.looked_for_in_vain(job_id)  # absence is proven, and the job is sent
    assert world.settled(job_id).status is Status.COMPLETED
    assert ask(world).body == answer.body
    assert world.created(job_id) == {"created": 1, "billable": 1}


def crash(*_: object, **__: object) -> None:
    """Crash before the submission."""
    raise SystemError("the container is gone")


def test_a_retry_while_the_answer_of_replicate_is_lost_pays_once(world: World) -> None:
    prompt = "[[fault:cut-after-accept]]"
    job_id = ask(world, prompt=prompt).body["jobId"]
    assert world.job(job_id).status is Status.SUBMITTING
    assert ask(world, prompt=prompt).body["jobId"] == job_id
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.created(job_id) == {"created": 1, "billable": 1}


def test_a_503_that_was_recorded_all_the_same_is_found_by_the_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit succeeded, but its confirmation was lost."""
    from mediagen.records.jobs import JobRecords

    original = JobRecords.add

    def unconfirmed(*arguments: Any, **more: Any) -> bool:
        original(*arguments, **more)
        raise Unavailable("The database cannot be reached.", retry_after_seconds=5)

    with monkeypatch.context() as patch:
        patch.setattr(JobRecords, "add", unconfirmed)
        assert problem(ask(world)) == (503, "unavailable")
    answer = ask(world)
    assert answer.status == 202
    world.overdue(answer.body["jobId"])
    world.check()
    world.looked_for_in_vain(answer.body["jobId"])
    assert world.settled(answer.body["jobId"]).status is Status.COMPLETED
    assert world.count("jobs") == world.replicate.simulator.report()["created"] == 1


def test_another_body_is_refused_and_the_same_one_written_otherwise_is_not(world: World) -> None:
    first = ask(world)
    assert problem(ask(world, prompt="ein Schiff")) == (422, "idempotency_key_reused")
    written = json.dumps(dict(reversed(BODY.items())), indent=2).encode()
    assert world.post(written, headers=JSON | {"IDEMPOTENCY-KEY": "key-1"}).body == first.body
    assert world.count("jobs") == 1


@pytest.mark.parametrize("key", ["", "a" * 256, "schlüssel"])
def test_a_malformed_key_is_refused(world: World, key: str) -> None:
    assert problem(ask(world, key)) == (400, "invalid_idempotency_key")
    assert world.count("jobs") == 0


def test_a_refused_request_leaves_its_key_free(world: World, restart: Callable[..., None]) -> None:
    assert problem(ask(world, modelId="none")) == (422, "unknown_model")
    restart(RATE_LIMIT_PER_HOUR="1")
    assert ask(world, "key-2").status == 202
    assert problem(ask(world)) == (429, "rate_limited")
    assert world.count("idempotency_keys") == 1
    restart(RATE_LIMIT_PER_HOUR="100")
    assert ask(world).status == 202


def test_a_request_sent_again_costs_no_quota_and_says_what_is_left(world: World, restart: Callable[..., None]) -> None:
    restart(RATE_LIMIT_PER_HOUR="2")
    answers = [ask(world) for _ in range(4)]
    assert {answer.status for answer in answers} == {202}
    assert {answer.headers["ratelimit"].partition(";t=")[0] for answer in answers} == {'"hour";r=1'}


def test_the_poller_forgets_old_keys(world: World) -> None:
    first = ask(world)
    world.check()
    assert world.count("idempotency_keys") == 1
    world.sql.run("UPDATE idempotency_keys SET created_at = created_at - interval '24 hours'")
    world.check()
    assert world.count("idempotency_keys") == 0
    assert ask(world).body["jobId"] != first.body["jobId"]


def test_fifty_identical_requests_at_once_are_one_job_one_prediction_and_fifty_equal_answers(
    world: World, redis_client: Redis
) -> None:
    barrier = Barrier(CONTAINERS)
    event = http_event(
        "POST /generate-media",
        "/generate-media",
        headers=JSON | {"Idempotency-Key": "key-1"},
        body=json.dumps(BODY).encode(),
        user_id=world.user_id,
    )

    def request(number: int) -> Answer:
        ports = accepting_container(world, number, limit=1)  # they count as one request: one unit is enough
        barrier.wait()
        return Answer.read(edge.http(event, lambda request: generate_media(request, now=NOW, ports=ports)))

    with ThreadPoolExecutor(CONTAINERS) as pool:
        answers = list(pool.map(request, range(CONTAINERS)))
    assert Counter(answer.status for answer in answers) == {202: CONTAINERS}
    assert all(answer.body == answers[0].body for answer in answers)
    assert world.count("jobs") == world.count("idempotency_keys") == 1
    assert world.created(answers[0].body["jobId"]) == {"created": 1, "billable": 1}
    assert world.replicate.simulator.report()["created"] == 1
    assert {answer.headers["ratelimit"] for answer in answers} == {'"hour";r=0;t=1801'}
    assert redis_client.get(f"ratelimit:user:{world.user_id}:{int(NOW.timestamp()) // 3600}") == "1"

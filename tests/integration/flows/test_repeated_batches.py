"""A batch that is repeated, in parallel or after a crash: one batch, each of its jobs paid once."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from generate_batch.flow import generate_batch
from integration.flows.batches import (
    BOAT,
    WRONG,
    ask,
    created_once,
    event_of,
    finished,
    in_container,
    jobs_of,
)
from integration.flows.events import Answer
from integration.flows.test_repeated_requests import crash, problem
from integration.flows.world import JSON, World
from integration.wire import closed_port
from mediagen.errors.refusals import Unavailable
from mediagen.http import edge
from mediagen.jobs.state import Status
from mediagen.records.jobs import JobRecords
from mediagen.times import utc_now

AT_ONCE = 20


def test_the_answer_to_a_key_is_the_same_before_and_after_the_end_of_the_jobs(world: World) -> None:
    first = ask(world, BOAT, WRONG, BOAT, key="key-1")
    assert ask(world, BOAT, WRONG, BOAT, key="key-1").body == first.body
    finished(world, first.body["batchId"])
    again = ask(world, BOAT, WRONG, BOAT, key="key-1")
    assert (again.status, again.body, again.headers["location"]) == (202, first.body, first.headers["location"])
    assert (world.count("batches"), created_once(world, jobs_of(first))) == (1, True)


def test_a_key_is_for_one_batch_or_one_job(world: World) -> None:
    assert ask(world, BOAT, key="key-1").status == 202
    keyed = {**JSON, "Idempotency-Key": "key-1"}
    for body in (json.dumps({"requests": [BOAT]}), json.dumps(BOAT)):
        assert problem(world.post(body.encode(), headers=keyed)) == (422, "idempotency_key_reused")
    assert problem(ask(world, BOAT, BOAT, key="key-1")) == (422, "idempotency_key_reused")
    assert world.post(json.dumps(BOAT).encode(), headers={**JSON, "Idempotency-Key": "key-2"}).status == 202
    assert problem(ask(world, BOAT, key="key-2")) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("is_repeated", [True, False])
def test_a_crash_between_commit_and_hand_over_is_settled_by_the_poller_not_by_the_retry(
    world: World, monkeypatch: pytest.MonkeyPatch, is_repeated: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("generate_batch.flow.hand_over", crash)
        assert ask(world, BOAT, BOAT, WRONG, key="key-1").status == 500
    if is_repeated:
        answer = ask(world, BOAT, BOAT, WRONG, key="key-1")
        assert (answer.status, answer.body["counts"]) == (202, {"accepted": 2, "refused": 1})
    assert (world.count("batches"), world.count("jobs")) == (1, 2)
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 0)
    jobs = [job_id for [job_id] in world.sql.run("SELECT CAST(id AS text) FROM jobs")]
    for job_id in jobs:
        world.overdue(job_id)
    world.check()
    assert {world.settled(job_id).status for job_id in jobs} == {Status.COMPLETED}
    assert created_once(world, jobs)


def test_a_crash_in_the_middle_of_the_recording_leaves_nothing_and_the_retry_makes_all(
    world: World, monkeypatch: pytest.MonkeyPatch, redis_client: Redis
) -> None:
    original, calls = JobRecords.add, []

    def second_crashes(*arguments: Any, **more: Any) -> bool:
        calls.append(arguments)
        if len(calls) == 2:
            crash()
        return original(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(JobRecords, "add", second_crashes)
        assert ask(world, BOAT, BOAT, BOAT, key="key-1").status == 500
    assert [world.count(table) for table in ("batches", "jobs", "idempotency_keys")] == [0, 0, 0]
    assert [redis_client.get(name) for name in redis_client.keys("ratelimit:*")] == ["0"] * 4
    answer = ask(world, BOAT, BOAT, BOAT, key="key-1")
    finished(world, answer.body["batchId"])
    assert created_once(world, jobs_of(answer))


def test_a_503_that_was_recorded_all_the_same_is_found_by_the_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediagen.records.batches import BatchRecords

    original = BatchRecords.add

    def unconfirmed(*arguments: Any, **more: Any) -> bool:
        original(*arguments, **more)
        raise Unavailable("The database cannot be reached.", retry_after_seconds=5)

    with monkeypatch.context() as patch:
        patch.setattr(BatchRecords, "add", unconfirmed)
        assert problem(ask(world, BOAT, BOAT, key="key-1")) == (503, "unavailable")
    answer = ask(world, BOAT, BOAT, key="key-1")
    assert (answer.status, world.count("batches"), world.count("jobs")) == (202, 1, 2)


def test_a_queue_outage_does_not_lose_the_jobs(world: World, restart: Callable[..., None]) -> None:
    restart(AWS_ENDPOINT_URL_SQS=f"http://127.0.0.1:{closed_port()}")
    answer = ask(world, BOAT, BOAT)
    assert answer.status == 202
    restart(AWS_ENDPOINT_URL_SQS="")
    for job_id in jobs_of(answer):
        world.overdue(job_id)
    world.check()
    finished(world, answer.body["batchId"])
    assert created_once(world, jobs_of(answer))


def test_twenty_equal_batches_at_once_are_one_batch_and_each_prediction_is_made_once(
    world: World, redis_client: Redis
) -> None:
    barrier, now = Barrier(AT_ONCE), utc_now()  # jobs from another time would be past their deadline
    event = event_of(world, [BOAT, WRONG, BOAT, BOAT], key="key-1")

    def request(number: int) -> Answer:
        ports = in_container(world, number, limit=3)  # they count as one request: three units are enough
        barrier.wait()
        return Answer.read(edge.http(event, lambda request: generate_batch(request, now=now, ports=ports)))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(request, range(AT_ONCE)))
    assert Counter(answer.status for answer in answers) == {202: AT_ONCE}
    assert all(answer.body == answers[0].body for answer in answers)
    assert (world.count("batches"), world.count("jobs"), world.count("idempotency_keys")) == (1, 3, 1)
    assert {answer.headers["ratelimit"].partition(";t=")[0] for answer in answers} == {'"hour";r=0'}
    assert redis_client.get(f"ratelimit:user:{world.user_id}:{int(now.timestamp()) // 3600}") == "3"
    finished(world, answers[0].body["batchId"])
    assert created_once(world, jobs_of(answers[0]))

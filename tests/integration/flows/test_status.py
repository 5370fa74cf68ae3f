"""The status of a job: for its owner only, from any store that has it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from integration.conftest import Logged
from integration.flows.cloud import TABLE
from integration.flows.world import World
from integration.wire import closed_port
from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.times import utc_now

NOT_OURS = [
    "1",
    "not-an-id",
    "../jobs",
    "019AAC7C-0000-7000-8000-000000000000",
    "{019aac7c-0000-7000-8000-000000000000}",
    "019aac7c000070008000000000000000",
    "6fd2b1f0-3b0e-4c2c-9c55-6b1f6c3a2d11",
    "019aac7c-0000-7000-8000-00000000000\u0661",
    "' OR 1=1 --",
    "a" * 5000,
]


def state(world: World, job_id: str) -> dict[str, Any]:
    """Return a job's status without its progress, which changes with time."""
    body: dict[str, Any] = world.status(job_id).body
    return {name: value for name, value in body.items() if name != "progress"}


@pytest.mark.parametrize("job_id", NOT_OURS)
def test_a_malformed_job_id_is_a_bad_request(world: World, job_id: str) -> None:
    answer = world.status(job_id)
    assert (answer.status, answer.body["code"], answer.body["retryable"]) == (400, "invalid_job_id", False)


def test_a_job_that_is_not_there_is_not_found(world: World) -> None:
    answer = world.status("019aac7c-0000-7000-8000-000000000000")
    assert (answer.status, answer.body["code"]) == (404, "job_not_found")


def test_another_users_job_looks_like_an_unknown_one(world: World, redis_client: Redis) -> None:
    job_id, nobody = world.accepted("[[fault:never-finishes]]"), str(uuid4())
    for _ in ("from the cache", "from the job table"):
        answer = world.status(job_id, user_id=nobody)
        assert (answer.status, answer.body) == (404, world.status("019aac7c-0000-7000-8000-000000000000").body)
        redis_client.flushall()


def test_without_a_user_no_status_is_returned(world: World) -> None:
    assert world.status(world.accepted("[[fault:never-finishes]]"), user_id="").status == 401


def test_the_cache_is_enough(world: World, restart: Callable[..., None], logged: Logged) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    nowhere = f"http://127.0.0.1:{closed_port()}"
    world.cloud.parameter("/vsl-test/no-database", f"postgresql://a:b@127.0.0.1:{closed_port()}/c?sslmode=disable")
    restart(AWS_ENDPOINT_URL_DYNAMODB=nowhere, DATABASE_URL_PARAMETER="/vsl-test/no-database")
    assert world.status(job_id).body["status"] == "processing"
    assert logged()[-1]["CacheHitRate"] == 100


def test_the_job_table_is_next_and_fills_the_cache(
    world: World, restart: Callable[..., None], redis_client: Redis, logged: Logged
) -> None:
    job_id = world.accepted("[[fault:failed]]")
    world.settled(job_id)
    logged()
    shown = world.status(job_id).body
    redis_client.delete(f"job:status:{job_id}")
    world.cloud.parameter("/vsl-test/no-database", f"postgresql://a:b@127.0.0.1:{closed_port()}/c?sslmode=disable")
    restart(DATABASE_URL_PARAMETER="/vsl-test/no-database")
    assert world.status(job_id).body == shown
    assert redis_client.ttl(f"job:status:{job_id}") == 300
    assert [line["CacheHitRate"] for line in logged() if "CacheHitRate" in line] == [100, 0]


def test_a_running_jobs_projection_is_compared_with_postgresql(world: World, redis_client: Redis) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    world.records.move(job_id, Status.FAILED, Change("missed", error=failure("no_output")), now=utc_now())
    redis_client.flushall()
    assert world.status(job_id).body["status"] == "failed"
    item = world.cloud.item(job_id)
    assert item is not None and item["status"] == {"S": "failed"}


def test_postgresql_is_last_and_fills_both(world: World, redis_client: Redis) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    shown = state(world, job_id)
    redis_client.flushall()
    item = world.cloud.item(job_id)
    assert item is not None
    key = {name: item[name] for name in ("jobId", "timestamp")}
    world.cloud.client("dynamodb").delete_item(TableName=TABLE, Key=key)
    assert state(world, job_id) == shown
    assert redis_client.exists(f"job:status:{job_id}")
    assert world.cloud.item(job_id) == item

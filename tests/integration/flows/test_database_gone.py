"""PostgreSQL is down while a client follows a job: the answer has the newest known state, marked as possibly old."""

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from integration.conftest import Logged
from integration.flows.cloud import DATABASE, TABLE
from integration.flows.world import World
from integration.wire import closed_port

NO_DATABASE = "/vsl-test/no-database"
RUNNING = "[[fault:never-finishes]]"


@pytest.fixture
def gone(world: World, restart: Callable[..., None]) -> Callable[[], None]:
    """Make PostgreSQL unavailable for the functions."""
    world.cloud.parameter(NO_DATABASE, f"postgresql://a:b@127.0.0.1:{closed_port()}/c?sslmode=disable")
    return lambda: restart(DATABASE_URL_PARAMETER=NO_DATABASE)


def seen(answer: Any) -> dict[str, Any]:
    """Return the job in an answer without its progress, which changes with time."""
    return {name: value for name, value in answer.body.items() if name != "progress"}


def degraded(logged: Logged) -> list[str]:
    return [line["metadata"]["part"] for line in logged() if line["action"] == "degraded"]


def test_a_running_jobs_projection_is_served_as_stale_counted_and_not_cached(
    world: World, gone: Callable[[], None], redis_client: Redis, logged: Logged
) -> None:
    job_id = world.accepted(RUNNING)
    fresh = world.status(job_id)
    redis_client.flushall()
    gone()
    stale = world.status(job_id)
    assert fresh.body["stale"] is False
    assert (stale.status, seen(stale)) == (200, seen(fresh) | {"stale": True})
    assert 2 <= int(stale.headers["retry-after"]) <= 30
    assert not redis_client.exists(f"job:status:{job_id}")
    assert degraded(logged) == ["database"]


def test_no_304_is_sent_while_the_state_is_unknown(world: World, gone: Callable[[], None], redis_client: Redis) -> None:
    job_id = world.accepted(RUNNING)
    tag = world.status(job_id).headers["etag"]
    redis_client.flushall()
    gone()
    for query in ("", "?wait=1"):
        answer = world.status(job_id, query=query, if_none_match=tag)
        assert (answer.status, answer.body["stale"], answer.headers["etag"]) == (200, True, tag)


def test_once_postgresql_is_back_the_next_answer_is_fresh_and_kept(
    world: World, gone: Callable[[], None], restart: Callable[..., None], redis_client: Redis
) -> None:
    job_id = world.accepted(RUNNING)
    redis_client.flushall()
    gone()
    assert world.status(job_id).body["stale"]
    restart(DATABASE_URL_PARAMETER=DATABASE)
    assert world.status(job_id).body["stale"] is False
    assert redis_client.exists(f"job:status:{job_id}")


@pytest.mark.parametrize("store", ["cache", "table"])
def test_cached_and_terminal_states_are_not_stale(
    world: World, gone: Callable[[], None], redis_client: Redis, logged: Logged, store: str
) -> None:
    job_id = world.accepted(RUNNING if store == "cache" else "[[fault:failed]]")
    if store == "table":
        world.settled(job_id)
        redis_client.flushall()
    tag = world.status(job_id).headers["etag"]
    gone()
    answer = world.status(job_id)
    assert (answer.body["stale"], answer.body["status"]) == (False, "processing" if store == "cache" else "failed")
    assert world.status(job_id, if_none_match=tag).status == 304
    assert degraded(logged) == []


def test_a_job_in_neither_cache_nor_table_is_503(
    world: World, gone: Callable[[], None], redis_client: Redis, logged: Logged
) -> None:
    job_id = world.accepted(RUNNING)
    item = world.cloud.item(job_id)
    assert item
    key = {name: item[name] for name in ("jobId", "timestamp")}
    world.cloud.client("dynamodb").delete_item(TableName=TABLE, Key=key)
    redis_client.flushall()
    gone()
    answer = world.status(job_id)
    assert (answer.status, answer.body["code"], answer.body["retryable"]) == (503, "unavailable", True)
    assert answer.headers["retry-after"] == "5"
    assert degraded(logged) == ["database"]


def test_another_users_job_is_404_also_during_an_outage(
    world: World, gone: Callable[[], None], redis_client: Redis
) -> None:
    job_id = world.accepted(RUNNING)
    redis_client.flushall()
    gone()
    assert world.status(job_id, user_id="019aac7c-0000-4000-8000-000000000000").status == 404

"""A client that follows a job gets no known state again, gets new states at once, and sees progress."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis import Redis

from get_status.flow import get_status
from get_status.handler import ports
from get_status.waiting import Time
from integration.flows.world import World
from integration.waiting import eventually
from integration.wire import closed_port
from mediagen.http.edge import Request, Response
from mediagen.jobs.state import Status
from mediagen.times import parse_iso, utc_now

RUNNING = "[[fault:never-finishes]]"


@dataclass
class Waiting:
    """A waiting client: when it sleeps for the given time, an event happens instead."""

    world: World
    happens: list[Callable[[], object]]
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.happens.pop(0)()

    def ask(self, job_id: str, **headers: str) -> Response:
        """Request a status with the longest wait."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(given, {"jobId": job_id}, {"wait": "20"}, b"", self.world.user_id, "r")
        return get_status(request, time=Time(utc_now, self.sleep, lambda: 25.0), ports=ports())


def nothing() -> None:
    pass


def test_a_known_state_gets_304_from_any_store(world: World, redis_client: Redis) -> None:
    job_id = world.accepted(RUNNING)
    first = world.status(job_id)
    for _ in ("from the cache", "from PostgreSQL"):
        again = world.status(job_id, if_none_match=first.headers["etag"])
        assert (again.status, again.body, again.headers["etag"]) == (304, None, first.headers["etag"])
        assert int(again.headers["retry-after"]) >= 2
        assert "content-type" not in again.headers
        redis_client.flushall()


def test_a_terminal_state_has_one_etag_in_every_store(world: World, redis_client: Redis) -> None:
    job_id = world.accepted()
    running = world.status(job_id)
    world.settled(job_id)
    ended = world.status(job_id, if_none_match=running.headers["etag"])
    assert (ended.status, ended.body["status"]) == (200, "completed")
    assert "retry-after" not in ended.headers
    redis_client.flushall()
    from_table = world.status(job_id)
    assert from_table.headers["etag"] == ended.headers["etag"] != running.headers["etag"]
    assert world.status(job_id, if_none_match=ended.headers["etag"], query="?wait=20").status == 304


def test_every_link_shows_its_expiry(world: World) -> None:
    job_id = world.accepted()
    world.settled(job_id)
    before = utc_now()
    outputs = world.status(job_id).body["outputs"]
    assert outputs
    for output in outputs:
        assert 899 <= (parse_iso(output["expiresAt"]) - before).total_seconds() < 960


def test_the_times_of_a_job_are_in_order(world: World) -> None:
    job_id = world.accepted()
    assert world.status(job_id).body["startedAt"] is not None
    world.settled(job_id)
    body = world.status(job_id).body
    assert body["createdAt"] <= body["startedAt"] <= body["completedAt"] == body["updatedAt"]


@pytest.mark.parametrize("knows", [True, False])
def test_a_long_poll_returns_the_terminal_state_at_the_next_read(world: World, knows: bool) -> None:
    job_id = world.accepted()
    headers = {"if_none_match": world.status(job_id).headers["etag"]} if knows else {}
    waiting = Waiting(world, [nothing, lambda: world.settled(job_id)])
    response = waiting.ask(job_id, **headers)
    assert (response.status, response.body["status"]) == (200, "completed")
    assert waiting.slept == [0.5, 0.5]


def test_a_long_poll_without_the_cache_reads_the_job_table(world: World, restart: Callable[..., None]) -> None:
    world.cloud.parameter("/vsl-test/no-redis", f"redis://127.0.0.1:{closed_port()}")
    restart(REDIS_URL_PARAMETER="/vsl-test/no-redis")
    job_id = world.accepted()
    waiting = Waiting(world, [nothing, lambda: world.settled(job_id)])
    assert waiting.ask(job_id).body["status"] == "completed"
    assert waiting.slept == [0.5, 2.0]


def test_a_wait_without_news_ends_with_the_state_there_is(world: World) -> None:
    job_id = world.accepted(RUNNING)
    assert world.status(job_id, query="?wait=1").body["status"] == "processing"
    tag = world.status(job_id).headers["etag"]
    assert world.status(job_id, query="?wait=1", if_none_match=tag).status == 304


def test_a_wait_that_makes_no_sense_is_refused(world: World) -> None:
    answer = world.status(world.accepted(RUNNING), query="?wait=21")
    assert (answer.status, answer.body["code"], answer.body["errors"][0]["path"]) == (422, "invalid_fields", "wait")


def test_progress_is_by_time_until_the_logs_were_read_and_then_by_them(world: World, redis_client: Redis) -> None:
    job_id = world.accepted(RUNNING)
    before = world.status(job_id)
    assert before.body["progress"]["source"] == "time"
    eventually(lambda: "100%" in world.prediction(job_id).logs, "the end of the progress bar")
    world.overdue(job_id)
    world.check()
    for _ in ("from the cache", "from PostgreSQL"):
        after: Any = world.status(job_id)
        assert after.body["progress"] == {"percent": 99, "source": "logs"}
        assert after.headers["etag"] == before.headers["etag"]
        redis_client.flushall()


def test_a_job_that_has_ended_has_no_progress(world: World) -> None:
    job_id = world.accepted()
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.status(job_id).body["progress"] is None


def test_a_function_killed_after_its_commit_leaves_an_old_status_for_seconds_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = world.accepted()
    assert world.status(job_id).body["status"] == "processing"  # and cached from now on
    with monkeypatch.context() as patch:
        patch.setattr("mediagen.lifecycle.projection.Projection.show", killed)
        eventually(lambda: world.pump("webhooks") and world.job(job_id).status.is_final, "the commit")
    shown = eventually(lambda: seen if (seen := world.status(job_id).body)["completedAt"] else None, "the truth")
    assert (shown["status"], shown["stale"]) == ("completed", False)


def killed(*_: object) -> None:
    raise SystemError("the container is gone")

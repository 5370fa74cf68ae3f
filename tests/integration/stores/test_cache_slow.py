"""A slow Redis costs a request one bounded wait, however many lookups the request makes."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.stores.jobs import NOW, job
from integration.waiting import eventually
from integration.wire import at_port, dripping_server, resetting_server, silent_server
from local_cloud.processes import stop
from local_cloud.redis import start
from mediagen.access.source_standing import Standing
from mediagen.cache.cache import REST_SECONDS, Cache
from mediagen.cache.failed_keys import FailedKeys
from mediagen.limits.quota import Quota
from mediagen.models.health import ModelHealth

RUNNING = {"jobId": "job-1", "revision": 1, "completedAt": None}
ENDED = RUNNING | {"revision": 2, "completedAt": "2026-11-22T17:00:00.000Z"}
FOREVER = 1_000  # drops for 20 s


@pytest.fixture(autouse=True)
def patience() -> None:
    """Use the functions' time-outs."""


class Clock:
    """A clock that a test advances."""

    seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[tuple[str, int]]]:
    """Return the logged event, and the number of lookups it counts."""

    def read() -> list[tuple[str, int]]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert all(line["part"] == "cache" and line["level"] == "WARNING" for line in lines)
        return [(line["action"], line["Degraded"]) for line in lines]

    return read


@pytest.mark.parametrize(
    "beginning", [b"$100000\r\n", b"", b"*"], ids=["a long text", "an answer's first line", "a list"]
)
def test_a_dripping_answer_is_cut_at_the_time_limit(redis: str, beginning: bytes) -> None:
    with dripping_server(beginning, drops=FOREVER) as drip:
        assert Cache(lambda: at_port(redis, drip.port)).status("job-1") is None
        assert drip.sent < FOREVER / 2


def test_a_connection_that_is_reset_is_tried_once_more_and_no_oftener(
    redis: str, counted: Callable[[], list[tuple[str, int]]]
) -> None:
    with resetting_server() as resets:
        assert Cache(lambda: at_port(redis, resets.port)).status("job-1") is None
        assert resets.connections == 2
    assert counted() == [("degraded", 1)]


def test_of_five_lookups_one_waits_and_the_others_are_counted(
    redis: str, clock: Clock, counted: Callable[[], list[tuple[str, int]]]
) -> None:
    with silent_server() as silent:
        cache = Cache(lambda: at_port(redis, silent.port), clock=clock)
        health = ModelHealth(cache)
        assert cache.models() is None
        assert cache.spend("user-1", NOW, limit=1) is None
        assert health.admit(job("user-1"), now=NOW) is False
        health.taken(job("user-1"))
        cache.remember_status(RUNNING)
        assert silent.connections == 1
        clock.seconds += REST_SECONDS
        assert cache.status("job-1") is None
        assert silent.connections == 2
    assert counted() == [("degraded", 1), ("cache.rested", 4), ("degraded", 1)]


def test_the_wrong_key_counter_also_opens_its_circuit(redis: str, clock: Clock) -> None:
    with silent_server() as silent:
        keys = FailedKeys(lambda: at_port(redis, silent.port), clock=clock)
        standings = [keys.begin("192.0.2.1", bytes(32), NOW, limit=1) for _ in range(3)]
        keys.trust("192.0.2.1", bytes(32), NOW)
        assert (standings, silent.connections) == ([Standing.UNKNOWN] * 3, 1)


def test_the_health_check_asks_although_the_circuit_is_open(redis: str, clock: Clock) -> None:
    with silent_server() as silent:
        cache = Cache(lambda: at_port(redis, silent.port), clock=clock)
        assert (cache.models(), cache.answers()) == (None, False)
        assert silent.connections == 2


def test_a_clock_that_was_set_back_does_not_prolong_a_rest(redis: str, clock: Clock) -> None:
    with silent_server() as silent:
        cache = Cache(lambda: at_port(redis, silent.port), clock=clock)
        cache.models()
        clock.seconds -= 3600
        cache.models()
        assert silent.connections == 2


def test_a_refusal_is_an_answer_and_opens_no_circuit(
    cache: Cache, redis_client: Any, counted: Callable[[], list[tuple[str, int]]]
) -> None:
    redis_client.lpush("models:config:v1", "not a text")
    assert (cache.models(), cache.models(), cache.answers()) == (None, None, True)
    assert counted() == [("degraded", 1)] * 2


@pytest.fixture
def stopped(tmp_path: Path, clock: Clock) -> Iterator[tuple[Cache, Callable[[], None]]]:
    """Yield a cache connected to a Redis that is suspended during its work, and a function that resumes Redis."""
    server = start(tmp_path)
    try:
        cache = Cache(lambda: server.url, clock=clock)
        cache.remember_status(RUNNING)
        os.kill(server.pid, signal.SIGSTOP)
        yield cache, lambda: os.kill(server.pid, signal.SIGCONT)
    finally:
        os.kill(server.pid, signal.SIGCONT)
        stop(server)


def test_limits_are_off_for_as_long_as_redis_is_and_a_second_more(
    stopped: tuple[Cache, Callable[[], None]], clock: Clock
) -> None:
    cache, go_on = stopped
    assert cache.spend("user-1", NOW, limit=1) is None
    go_on()
    assert cache.spend("user-1", NOW, limit=1) is None
    clock.seconds += REST_SECONDS

    def counts_again() -> Quota | None:
        clock.seconds += REST_SECONDS
        return cache.spend("user-1", NOW, limit=1)

    eventually(counts_again, "a count")
    refused = eventually(counts_again, "another count")
    assert not refused.is_admitted


def test_a_late_answer_is_not_used_for_the_next_lookup(stopped: tuple[Cache, Callable[[], None]], clock: Clock) -> None:
    cache, go_on = stopped
    assert cache.status("job-1") is None
    go_on()

    def is_right() -> bool:
        clock.seconds += REST_SECONDS
        assert cache.models() is None
        return cache.status("job-1") == RUNNING

    eventually(is_right, "the right answer")


def test_a_terminal_state_is_written_although_the_circuit_is_open(
    stopped: tuple[Cache, Callable[[], None]], clock: Clock
) -> None:
    cache, go_on = stopped
    assert cache.status("job-1") is None
    go_on()

    def written() -> bool:
        cache.remember_status(ENDED)
        clock.seconds += REST_SECONDS
        return cache.status("job-1") == ENDED

    eventually(written, "the end")

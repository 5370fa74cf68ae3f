"""Without Redis nothing fails: every lookup returns "not known", and is counted."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis

from integration.stores.jobs import NOW
from integration.wire import at_port, closed_port, silent_server
from local_cloud.processes import stop
from local_cloud.redis import start
from mediagen.aws.errors import AwsError
from mediagen.cache.cache import Cache

DOCUMENT = {"jobId": "job-1", "revision": 1}
QUESTIONS: dict[str, tuple[Callable[[Cache], object], object]] = {
    "answers": (lambda cache: cache.answers(), False),
    "status": (lambda cache: cache.status("job-1"), None),
    "remember_status": (lambda cache: cache.remember_status(DOCUMENT), False),
    "spend": (lambda cache: cache.spend("user-1", NOW, limit=1), None),
    "give_back": (lambda cache: cache.give_back("user-1", NOW), None),
    "look": (lambda cache: cache.look("user-1", NOW, limit=1), None),
    "models": (lambda cache: cache.models(), None),
    "remember_models": (lambda cache: cache.remember_models({}), None),
    "mark_processed": (lambda cache: cache.mark_processed("p-1"), False),
}


@pytest.fixture(autouse=True)
def patience() -> None:
    """Use the functions' time-outs."""


def degraded(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the events that report an unavailable cache."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(line["metadata"] == {"part": "cache"} and line["level"] == "WARNING" for line in lines)
    return [line for line in lines if line["action"] == "degraded" and line["Degraded"] == 1]


@pytest.mark.parametrize(("ask", "answer"), QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_redis_that_is_down_is_counted_and_nothing_is_known(
    redis: str, capsys: pytest.CaptureFixture[str], ask: Callable[[Cache], object], answer: object
) -> None:
    cache = Cache(lambda: at_port(redis, closed_port()))
    assert ask(cache) == answer
    assert len(degraded(capsys)) == 1


@pytest.mark.parametrize(("ask", "answer"), QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_redis_that_never_answers_is_asked_once_counted_and_nothing_is_known(
    redis: str, capsys: pytest.CaptureFixture[str], ask: Callable[[Cache], object], answer: object
) -> None:
    """The total is bounded by one call's time-out, because no call is repeated."""
    with silent_server() as silent:
        assert ask(Cache(lambda: at_port(redis, silent.port))) == answer
        assert silent.connections == 1
    assert len(degraded(capsys)) == 1


def test_a_connection_that_redis_closed_is_opened_again(
    redis: str, redis_client: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = Cache(lambda: redis)
    cache.mark_processed("p-1")
    redis_client.client_kill_filter(_type="normal", skipme=True)
    assert cache.mark_processed("p-1")
    assert degraded(capsys) == []


def test_a_recovered_redis_is_used_again(tmp_path: Path) -> None:
    first, clock = start(tmp_path), itertools.count(step=10)
    cache = Cache(lambda: first.url, clock=lambda: next(clock))
    try:
        cache.mark_processed("p-1")
        assert cache.mark_processed("p-1")
    finally:
        stop(first)
    assert not cache.mark_processed("p-1")
    second = start(tmp_path, port=urlsplit(first.url).port)
    try:
        cache.mark_processed("p-2")
        assert cache.mark_processed("p-2")
    finally:
        stop(second)


def test_a_redis_with_an_unreadable_url_is_unavailable(capsys: pytest.CaptureFixture[str]) -> None:
    def url() -> str:
        raise AwsError("ThrottlingException", 400, "slower")

    assert Cache(url).status("job-1") is None
    assert len(degraded(capsys)) == 1

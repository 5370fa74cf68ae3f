"""GET /health against real stores: a monitor's view while one of them is down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from check_health import handler
from integration.flows.cloud import REDIS
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from integration.wire import closed_port
from manage_access.handler import lambda_handler as manage_access

PARTS = {"database", "cache", "jobTable", "mediaBucket", "replicate"}


def ask(url: str, key: str = "") -> Answer:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Answer.read(handler.lambda_handler(http_event("GET /health", url, headers=headers), Context(15)))


@pytest.fixture
def key(world: World) -> str:
    user: Any = manage_access({"action": "create-user", "name": "monitor"}, Context())
    made: Any = manage_access({"action": "create-key", "userId": user["userId"]}, Context())
    return str(made["apiKey"])


def failed(answer: Answer) -> set[str]:
    return {name for name, part in answer.body["parts"].items() if part["status"] == "failed"}


def test_the_shallow_health_check_is_public(world: World) -> None:
    answer = ask("/health")
    assert (answer.status, answer.body) == (200, {"status": "ok", "release": "test"})


def test_with_a_key_every_part_is_checked(key: str) -> None:
    answer = ask("/health?deep=1", key)
    assert (answer.status, answer.body["status"], set(answer.body["parts"])) == (200, "ok", PARTS)


@pytest.mark.parametrize("given", ["", "vsl_test_wrong"])
def test_without_a_key_no_part_is_shown(world: World, given: str) -> None:
    answer = ask("/health?deep=1", given)
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("part", "variable"), [("jobTable", "AWS_ENDPOINT_URL_DYNAMODB"), ("mediaBucket", "AWS_ENDPOINT_URL_S3")]
)
def test_an_unavailable_service_is_named(key: str, restart: Callable[..., None], part: str, variable: str) -> None:
    restart(**{variable: f"http://127.0.0.1:{closed_port()}"})
    answer = ask("/health?deep=1", key)
    assert (answer.status, answer.body["status"], failed(answer)) == (503, "failed", {part})


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("mediaBucket", {"MEDIA_BUCKET": "vsl-test-no-such-bucket"}),
        ("jobTable", {"JOB_TABLE": "vsl-test-no-such-table"}),
        ("replicate", {"REPLICATE_TOKEN_SECRET": "vsl-test/database-jobs-login"}),
    ],
)
def test_a_missing_or_foreign_resource_is_named(
    key: str, restart: Callable[..., None], part: str, changes: dict[str, str]
) -> None:
    restart(**changes)
    assert failed(ask("/health?deep=1", key)) == {part}


def test_without_redis_the_cache_is_named(world: World, key: str, restart: Callable[..., None]) -> None:
    world.cloud.parameter(f"{REDIS}-away", f"redis://127.0.0.1:{closed_port()}/0")
    restart(REDIS_URL_PARAMETER=f"{REDIS}-away")
    assert failed(ask("/health?deep=1", key)) == {"cache"}


def test_a_monitor_that_was_known_sees_the_database_go(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("/health?deep=1", key).status == 200
    made, memory = handler.ports(), handler.memory()

    def away() -> object:
        raise ConnectionError("vendor text")

    monkeypatch.setitem(made.checks, "database", away)
    assert memory.asked_at
    memory.asked_at -= timedelta(seconds=60)
    answer = ask("/health?deep=1", key)
    assert (answer.status, failed(answer)) == (503, {"database"})

"""Wrong keys and wrong signatures from one address, from the authorizer's event to the answer."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from redis import Redis

from authorize.handler import lambda_handler as authorize
from get_status.handler import lambda_handler as get_status
from integration.conftest import Logged
from integration.flows.events import ADDRESS, Answer, Context, authorizer_event, http_event
from integration.flows.test_webhooks import URL, body_of, signed
from integration.flows.world import World
from integration.wire import closed_port
from manage_access.handler import lambda_handler as manage_access
from mediagen.access.api_keys import new_key
from mediagen.records.access import AccessRecords, User
from receive_webhook.handler import lambda_handler as receive_webhook
from replicate_simulator.settings import new_webhook_secret

ELSEWHERE = "198.51.100.7"
LIMIT = 3


@pytest.fixture(autouse=True)
def limit(restart: Callable[..., None], redis_client: Redis) -> None:
    restart(FAILURES_PER_ADDRESS=str(LIMIT))


@pytest.fixture
def key(world: World) -> str:
    user = manage_access({"action": "create-user", "name": "Ada"}, Context())
    return str(manage_access({"action": "create-key", "userId": user["userId"]}, Context())["apiKey"])


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Record which keys are looked up in PostgreSQL."""
    seen: list[bytes] = []
    find_user = AccessRecords.find_user

    def noted(self: AccessRecords, key_hash: bytes, now: datetime) -> User | None:
        seen.append(key_hash)
        return find_user(self, key_hash, now)

    monkeypatch.setattr(AccessRecords, "find_user", noted)
    return seen


def asked(key: str, address: str = ADDRESS) -> Answer:
    """Request a job's status with a key, as the API does: the authorizer first."""
    verdict: dict[str, Any] = authorize(authorizer_event({"Authorization": f"Bearer {key}"}, address), Context(5))
    assert verdict["isAuthorized"]
    event = http_event(
        "GET /status/{jobId}",
        "/status/x",
        path={"jobId": "x"},
        authorizer={"lambda": verdict["context"]},
        address=address,
    )
    return Answer.read(get_status(event, Context(25)))


def wrong() -> Answer:
    return asked(new_key("vsl_test"))


def test_too_many_wrong_keys_get_429_with_retry_after_and_no_lookup(world: World, looked_up: list[bytes]) -> None:
    answers = [wrong() for _ in range(LIMIT + 2)]
    assert [answer.status for answer in answers] == [401] * LIMIT + [429] * 2
    assert (answers[-1].body["code"], answers[-1].body["retryable"]) == ("too_many_failures", True)
    assert 299 <= int(answers[-1].headers["retry-after"]) <= 300
    assert len(looked_up) == LIMIT
    assert asked(new_key("vsl_test"), ELSEWHERE).status == 401


def test_malformed_keys_also_count(world: World) -> None:
    assert [asked(f"wrong-{number}").status for number in range(LIMIT + 1)] == [401] * LIMIT + [429]


def test_a_key_in_use_is_not_slowed_by_its_neighbours_and_a_new_one_works_elsewhere(world: World, key: str) -> None:
    new = new_key("vsl_test")
    assert asked(key).status == 400  # authorized: the 404 is for the unknown id
    for _ in range(LIMIT + 1):
        wrong()
    assert [asked(key).status, asked(new).status, asked(new, ELSEWHERE).status] == [400, 429, 401]


def test_a_right_key_counts_nothing_however_often(world: World, key: str, redis_client: Redis) -> None:
    assert {asked(key).status for _ in range(LIMIT + 3)} == {400}
    [count] = redis_client.keys("ratelimit:ip:*")
    assert redis_client.get(count) == "0"


def test_without_redis_no_address_is_limited_and_the_outage_is_counted(
    world: World, restart: Callable[..., None], logged: Logged, key: str
) -> None:
    world.cloud.parameter("/vsl-test/no-redis", f"redis://127.0.0.1:{closed_port()}")
    restart(REDIS_URL_PARAMETER="/vsl-test/no-redis")
    assert {wrong().status for _ in range(LIMIT + 2)} == {401}
    assert asked(key).status == 400
    assert any(line["action"] == "degraded" and line["metadata"]["part"] == "cache" for line in logged())


def delivered(headers: dict[str, str], address: str = ADDRESS) -> int:
    event = http_event("POST /webhook/replicate", URL, headers=headers, body=body_of(), address=address)
    return Answer.read(receive_webhook(event, Context(10))).status


def test_wrong_signatures_are_slowed_and_right_ones_from_the_same_address_never(world: World) -> None:
    genuine = signed(body_of(), world.replicate.settings.webhook_secret)
    statuses = [delivered(signed(body_of(), new_webhook_secret())) for _ in range(LIMIT + 2)]
    assert statuses == [401] * LIMIT + [429] * 2
    assert [delivered(genuine) for _ in range(LIMIT + 2)] == [202] * (LIMIT + 2)
    assert delivered(signed(body_of(), new_webhook_secret()), ELSEWHERE) == 401
    assert world.cloud.waiting(world.queues["webhooks"])[0] == LIMIT + 2


def test_a_limited_webhook_has_a_retry_after(world: World) -> None:
    event = http_event("POST /webhook/replicate", URL, body=body_of())
    answers = [Answer.read(receive_webhook(event, Context(10))) for _ in range(LIMIT + 1)]
    assert (answers[-1].status, answers[-1].body["code"]) == (429, "too_many_failures")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 300
    assert json.dumps(answers[-1].body).count("p-1") == 0

"""A user's requests of an hour: exactly as many as allowed, however many come at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from redis import Redis

from generate_media.flow import generate_media
from integration.flows.cloud import CONTAINERS
from integration.flows.containers import accepting_container
from integration.flows.events import http_event
from integration.flows.world import World
from mediagen import cache, edge

BODY = b'{"mediaType": "image", "modelId": "flux-schnell", "prompt": "ein Boot"}'
NOW = datetime(2026, 11, 22, 17, 30, 0, tzinfo=UTC)


def test_the_request_after_the_last_one_is_refused_until_the_hour_is_over(
    world: World, restart: Callable[..., None]
) -> None:
    restart(RATE_LIMIT_PER_HOUR="2")
    assert [world.generate().status for _ in range(2)] == [202, 202]
    refused = world.generate()
    assert (refused.status, refused.body["code"], refused.body["retryable"]) == (429, "rate_limited", True)
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert world.count("jobs") == 2


def test_one_users_requests_do_not_count_for_another(world: World, restart: Callable[..., None]) -> None:
    restart(RATE_LIMIT_PER_HOUR="1")
    assert world.generate().status == 202
    other = world.sql.run("INSERT INTO users VALUES (gen_random_uuid(), 'other', now()) RETURNING CAST(id AS text)")
    assert world.post(BODY, user_id=other[0][0]).status == 202


def test_of_fifty_requests_at_once_exactly_the_allowed_ones_are_accepted(
    world: World, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "CALL_SECONDS", 20)  # 50 threads on few processors are not a slow Redis
    barrier = Barrier(CONTAINERS)

    def ask(number: int) -> int:
        ports = accepting_container(world, number, limit=20)
        event = http_event(
            "POST /generate-media",
            "/generate-media",
            headers={"content-type": "application/json"},
            body=BODY,
            user_id=world.user_id,
        )
        barrier.wait()
        answer = edge.http(event, lambda request: generate_media(request, now=NOW, ports=ports))
        return int(str(answer["statusCode"]))

    with ThreadPoolExecutor(CONTAINERS) as pool:
        statuses = Counter(pool.map(ask, range(CONTAINERS)))
    assert statuses == {202: 20, 429: 30}
    assert world.count("jobs") == world.replicate.simulator.report()["created"] == 20
    assert redis_client.get(f"ratelimit:user:{world.user_id}:{int(NOW.timestamp()) // 3600}") == "50"

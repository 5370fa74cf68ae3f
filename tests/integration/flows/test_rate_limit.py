"""A user's requests per hour: exactly as many as allowed, even in parallel."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from redis import Redis

from generate_media.flow import generate_media
from integration.flows.cloud import CONTAINERS
from integration.flows.containers import accepting_container
from integration.flows.events import http_event
from integration.flows.world import JSON, World
from integration.wire import closed_port
from mediagen.http import edge

BODY = b'{"mediaType": "image", "modelId": "flux-schnell", "prompt": "ein Boot"}'
NO_DATABASE = "/vsl-test/no-database-for-the-limit"
NOW = datetime(2026, 11, 22, 17, 30, 0, tzinfo=UTC)


def test_the_request_after_the_last_one_is_refused_and_every_answer_says_what_is_left(
    world: World, restart: Callable[..., None]
) -> None:
    restart(RATE_LIMIT_PER_HOUR="2")
    taken = [world.generate() for _ in range(2)]
    refused = world.generate()
    assert [answer.status for answer in (*taken, refused)] == [202, 202, 429]
    assert (refused.body["code"], refused.body["retryable"]) == ("rate_limited", True)
    assert 1 <= int(refused.headers["retry-after"]) <= 3601
    assert {answer.headers["ratelimit-policy"] for answer in (*taken, refused)} == {'"hour";q=2;w=3600'}
    assert [answer.headers["ratelimit"].partition(";t=")[0] for answer in (*taken, refused)] == [
        '"hour";r=1',
        '"hour";r=0',
        '"hour";r=0',
    ]
    assert refused.headers["ratelimit"].endswith(f";t={refused.headers['retry-after']}")
    assert world.count("jobs") == 2


def test_an_unrecorded_request_is_refunded(world: World, restart: Callable[..., None], redis_client: Redis) -> None:
    world.cloud.parameter(NO_DATABASE, f"postgresql://a:b@127.0.0.1:{closed_port()}/c?sslmode=disable")
    restart(DATABASE_URL_PARAMETER=NO_DATABASE)
    keyed = {**JSON, "Idempotency-Key": "key-1"}
    assert [world.post(BODY).status, world.post(BODY, headers=keyed).status] == [503, 503]
    [name] = redis_client.keys("ratelimit:*")
    assert redis_client.get(name) == "0"


def test_one_users_requests_do_not_count_for_another(world: World, restart: Callable[..., None]) -> None:
    restart(RATE_LIMIT_PER_HOUR="1")
    assert world.generate().status == 202
    other = world.sql.run("INSERT INTO users VALUES (gen_random_uuid(), 'other', now()) RETURNING CAST(id AS text)")
    assert world.post(BODY, user_id=other[0][0]).status == 202


def test_of_fifty_requests_at_once_exactly_the_allowed_ones_are_accepted(world: World, redis_client: Redis) -> None:
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
    assert world.count("jobs") == world.handed_over() == 20
    assert redis_client.get(f"ratelimit:user:{world.user_id}:{int(NOW.timestamp()) // 3600}") == "20"

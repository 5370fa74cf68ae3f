"""Limits and usage of a user: the deployer sets the limits, and a client meets them."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
from redis import Redis

from authorize.handler import lambda_handler as authorize
from generate_media.flow import generate_media
from generate_media.handler import lambda_handler as generate_media_handler
from get_usage.handler import lambda_handler as get_usage
from integration.flows.cloud import CONTAINERS
from integration.flows.containers import accepting_container
from integration.flows.events import Answer, Context, authorizer_event, http_event
from integration.flows.test_canceling import cancel
from integration.flows.world import JSON, World
from integration.stores.jobs import add_user
from integration.wire import at_port, closed_port
from manage_access.handler import lambda_handler as manage_access
from mediagen.http import edge
from mediagen.jobs.state import Status

NOW = datetime(2026, 11, 22, 17, 30, 0, tzinfo=UTC)
BODY = b'{"mediaType": "image", "modelId": "flux-schnell", "prompt": "[[fault:never-finishes]]"}'
ENDLESS = "[[fault:never-finishes]]"
PRICE = 0.003


def set_limits(world: World, **limits: Any) -> None:
    """Set the user's limits as the deployer does."""
    answer = manage_access({"action": "set-limits", "userId": world.user_id} | limits, Context())
    assert answer["limits"] | limits == answer["limits"]


def usage(world: World, user_id: str | None = None, **query: str) -> Answer:
    user = world.user_id if user_id is None else user_id
    return Answer.read(get_usage(http_event("GET /usage", f"/usage?{urlencode(query)}", user_id=user), Context(10)))


def spent_units(redis: Redis) -> int:
    """Count the units that are spent of the hour's limit."""
    return sum(int(redis.get(name) or 0) for name in redis.scan_iter("ratelimit:user:*") if ":once:" not in name)


def test_a_job_over_the_limit_is_refused_until_another_completes(world: World, redis_client: Redis) -> None:
    set_limits(world, concurrentJobs=2)
    first, _ = world.accepted(ENDLESS), world.accepted(ENDLESS)
    refused = world.generate()
    assert (refused.status, refused.body["code"], refused.body["retryable"]) == (429, "too_many_running_jobs", True)
    assert refused.body["running"] == usage(world).body["running"] == {"limit": 2, "jobs": 2}
    assert 2 <= int(refused.headers["retry-after"]) <= 60
    assert (world.count("jobs"), spent_units(redis_client)) == (2, 2)
    assert cancel(world, first).status == 200
    assert world.generate().status == 202


def test_a_job_over_the_budget_is_refused_and_unspent_money_is_released(world: World, redis_client: Redis) -> None:
    set_limits(world, monthlyBudget=2 * PRICE)
    done = world.accepted()
    assert world.settled(done).status is Status.COMPLETED
    failing = world.accepted("[[fault:failed]]")
    refused = world.generate()
    assert (refused.status, refused.body["code"], refused.body["retryable"]) == (402, "budget_exceeded", False)
    assert "retry-after" not in refused.headers
    assert refused.body["budget"] == usage(world).body["budget"]
    assert (refused.body["budget"]["spent"], refused.body["budget"]["reserved"]) == (PRICE, PRICE)
    assert (world.count("jobs"), spent_units(redis_client)) == (2, 2)
    assert world.settled(failing).status is Status.FAILED
    told = usage(world).body["budget"]
    assert (told["spent"], told["reserved"], told["remaining"]) == (PRICE, 0, PRICE)
    assert world.generate().status == 202


def test_params_that_replicate_refuses_cost_nothing_of_the_budget(world: World) -> None:
    set_limits(world, monthlyBudget=PRICE, concurrentJobs=1)
    assert world.generate("[[fault:422]]").status == 422
    assert world.generate("[[fault:422]]").status == 422
    assert usage(world).body["budget"]["remaining"] == PRICE


def test_a_repeated_request_is_answered_whatever_is_left(world: World) -> None:
    set_limits(world, monthlyBudget=PRICE, concurrentJobs=1)
    keyed = {**JSON, "Idempotency-Key": "key-1"}
    first, again = world.post(BODY, headers=keyed), world.post(BODY, headers=keyed)
    assert (first.status, again.status, again.body) == (202, 202, first.body)
    other = world.post(BODY, headers={**JSON, "Idempotency-Key": "key-2"})
    assert (other.status, world.count("idempotency_keys")) == (429, 1)


def test_the_platforms_defaults_apply_to_users_without_limits(world: World, restart: Callable[..., None]) -> None:
    restart(CONCURRENT_JOBS="1", MONTHLY_BUDGET=str(2 * PRICE))
    assert [world.generate(ENDLESS).status for _ in range(2)] == [202, 429]
    told = usage(world).body
    assert (told["running"]["limit"], told["budget"]["limit"]) == (1, 2 * PRICE)
    set_limits(world, concurrentJobs=5)
    assert [world.generate(ENDLESS).status for _ in range(2)] == [202, 402]


def test_a_rate_of_the_users_own_goes_from_the_deployer_through_the_authorizer_to_the_limit(world: World) -> None:
    set_limits(world, ratePerHour=1)
    key = manage_access({"action": "create-key", "userId": world.user_id}, Context())["apiKey"]
    context: Any = authorize(authorizer_event({"Authorization": f"Bearer {key}"}), Context(5))["context"]
    assert context == {"userId": world.user_id, "ratePerHour": 1}

    def ask() -> Answer:
        event = http_event(
            "POST /generate-media",
            "/generate-media",
            headers=JSON,
            body=BODY,
            user_id=context["userId"],
            rate_per_hour=context["ratePerHour"],
        )
        return Answer.read(generate_media_handler(event, Context(30)))

    assert [ask().status, ask().status] == [202, 429]


def test_usage_is_reported_by_day_and_model_with_replicates_seconds(world: World) -> None:
    image, video = world.accepted(), world.accepted("ein Boot", "video/stability-video")
    for job_id in (image, video):
        assert world.settled(job_id).status is Status.COMPLETED
    world.accepted(ENDLESS)
    told = usage(world).body
    ran = {message["jobId"]: message["prediction"]["metrics"]["predict_time"] for message in world.processed}
    assert [line["modelId"] for line in told["usage"]] == ["flux-schnell", "stability-video"]
    assert [line["seconds"] for line in told["usage"]] == [round(ran[job_id], 3) for job_id in (image, video)]
    assert [(line["jobs"], line["completed"]) for line in told["usage"]] == [(2, 1), (1, 1)]
    costs = [world.status(job_id).body["cost"] for job_id in (image, video)]
    assert [line["cost"] for line in told["usage"]] == costs
    assert told["totals"]["cost"] == pytest.approx(sum(costs))


def test_use_is_the_callers_own(world: World) -> None:
    world.accepted(ENDLESS)
    other = usage(world, user_id=add_user(world.sql)).body
    assert (other["usage"], other["running"]["jobs"], other["budget"]["reserved"]) == ([], 0, 0)
    assert usage(world, user_id="").status == 401


def test_a_period_that_makes_no_sense_is_refused(world: World) -> None:
    answer = usage(world, **{"from": "gestern"})
    assert (answer.status, answer.body["errors"][0]["path"]) == (422, "from")


def test_without_the_database_there_is_no_account(
    world: World, database_url: str, restart: Callable[..., None]
) -> None:
    world.cloud.parameter("/vsl-test/no-database", at_port(database_url, closed_port()))
    restart(DATABASE_URL_PARAMETER="/vsl-test/no-database")
    assert (usage(world).status, "retry-after" in usage(world).headers) == (503, True)


@pytest.mark.parametrize(
    ("limits", "refused"), [({"concurrentJobs": 7}, 429), ({"monthlyBudget": 7 * PRICE + 0.002}, 402)]
)
def test_of_fifty_requests_at_once_exactly_the_allowed_ones_are_accepted_and_the_others_cost_nothing(
    world: World, redis_client: Redis, limits: dict[str, Any], refused: int
) -> None:
    set_limits(world, **limits)
    barrier = Barrier(CONTAINERS)

    def ask(number: int) -> int:
        ports = accepting_container(world, number, limit=100)
        event = http_event("POST /generate-media", "/generate-media", headers=JSON, body=BODY, user_id=world.user_id)
        barrier.wait()
        answer = edge.http(event, lambda request: generate_media(request, now=NOW, ports=ports))
        return int(json.loads(json.dumps(answer))["statusCode"])

    with ThreadPoolExecutor(CONTAINERS) as pool:
        statuses = Counter(pool.map(ask, range(CONTAINERS)))
    assert statuses == {202: 7, refused: 43}
    assert world.count("jobs") == world.handed_over() == 7
    assert spent_units(redis_client) == 7

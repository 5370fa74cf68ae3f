"""Circuit breakers on a real Redis: shared by all containers, one probe at a time, closed without Redis."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from integration.stores.jobs import NOW, job
from integration.wire import at_port, closed_port, counting_proxy
from mediagen.cache.cache import Cache
from mediagen.errors.refusals import ModelUnavailable
from mediagen.jobs.circuit_breaker import FIRST_SECONDS, LONGEST_SECONDS, THRESHOLD, Availability
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.models.catalogue import read_model
from mediagen.models.health import ModelHealth

CLIENTS = 50
LATER = NOW + timedelta(seconds=FIRST_SECONDS)
FLUX = read_model("image", "flux-schnell", {"version": "o/flux"})
OTHER = read_model("video", "flux-schnell", {"version": "o/video"})
AVAILABLE, READY = Availability("available"), Availability("probing", 0)

type Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def health(cache: Cache) -> ModelHealth:
    return ModelHealth(cache)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Logged:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def one(number: int = 0, **changes: Any) -> Job:
    given = {"id": f"job-{number}", "user_id": "user"} | changes
    return job(given.pop("user_id"), **given)


def ended(code: str | None, user_id: str = "user", number: int = 0) -> Job:
    status = Status.FAILED if code else Status.COMPLETED
    error = failure(code) if code else None
    return one(number, status=status, error=error, user_id=user_id, replicate_id="p", started_at=NOW)


def open_it(health: ModelHealth, *, by_sending: bool = False) -> None:
    for number in range(THRESHOLD):
        if by_sending:
            health.unsent(one(number), now=NOW)
        else:
            health.ended(ended("generation_failed", f"user-{number}"), now=NOW)


def look(health: ModelHealth, now: Any = NOW) -> Availability:
    return health.look([FLUX], now=now)[0]


def refused_for(health: ModelHealth, number: int, now: Any) -> int | None:
    with pytest.raises(ModelUnavailable) as caught:
        health.admit(one(number), now=now)
    assert caught.value.status == 503
    return caught.value.retry_after_seconds


def test_failures_of_several_users_open_only_that_models_circuit(health: ModelHealth) -> None:
    assert not health.admit(one(), now=NOW)
    open_it(health)
    assert refused_for(health, 9, NOW) == FIRST_SECONDS
    assert health.look([OTHER, FLUX], now=NOW) == [AVAILABLE, Availability("unavailable", FIRST_SECONDS)]
    assert not health.admit(one(media_type="video"), now=NOW)


def test_failures_of_one_user_open_no_circuit(health: ModelHealth) -> None:
    for number in range(3 * THRESHOLD):
        health.ended(ended("generation_failed", "user-1", number), now=NOW)
    assert look(health) == AVAILABLE


def test_failed_create_calls_of_any_user_open_the_circuit_and_one_job_counts_once(
    health: ModelHealth,
) -> None:
    for _ in range(THRESHOLD):
        health.unsent(one(1), now=NOW)
    assert look(health) == AVAILABLE
    open_it(health, by_sending=True)
    assert look(health).status == "unavailable"


def test_a_success_in_between_resets_the_count(health: ModelHealth) -> None:
    for number in range(3 * THRESHOLD):
        health.unsent(one(number), now=NOW)
        if number % (THRESHOLD - 1) == 0:
            health.ended(ended(None), now=NOW)
    assert look(health) == AVAILABLE


@pytest.mark.parametrize("by_sending", [True, False])
def test_of_many_requests_at_once_exactly_one_is_the_probe(redis: str, health: ModelHealth, by_sending: bool) -> None:
    open_it(health, by_sending=by_sending)
    barrier = Barrier(CLIENTS)

    def ask(number: int) -> bool | None:
        mine = ModelHealth(Cache(lambda: redis))
        mine.look([FLUX], now=NOW)  # connected before the start
        barrier.wait()
        try:
            return mine.admit(one(100 + number), now=LATER)
        except ModelUnavailable:
            return None

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert Counter(pool.map(ask, range(CLIENTS))) == {True: 1, None: CLIENTS - 1}


def test_of_many_failures_at_once_none_is_lost_that_is_needed(redis: str, health: ModelHealth) -> None:
    barrier = Barrier(CLIENTS)

    def fail(number: int) -> None:
        mine = ModelHealth(Cache(lambda: redis))
        barrier.wait()
        mine.unsent(one(number), now=NOW)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(fail, range(CLIENTS)))
    assert look(health).status == "unavailable"


def test_a_successful_probe_closes_the_circuit_and_a_failed_one_opens_it_for_longer(
    health: ModelHealth, logged: Logged
) -> None:
    open_it(health)
    assert health.admit(one(7), now=LATER)
    health.ended(ended("generation_failed", "user-1", 7), now=LATER)
    assert refused_for(health, 8, LATER) == 2 * FIRST_SECONDS
    again = LATER + timedelta(seconds=2 * FIRST_SECONDS)
    assert health.admit(one(9), now=again)
    health.ended(ended(None, number=3), now=again)  # of an earlier job
    assert look(health, again).status == "probing"
    health.ended(ended(None, number=9), now=again)
    assert look(health, again) == AVAILABLE
    actions = [line["action"] for line in logged()]
    assert actions == ["model.unavailable", "model.probing", "model.unavailable", "model.probing", "model.available"]


@pytest.mark.parametrize("code", ["invalid_params", "content_refused", "out_of_memory"])
def test_an_inconclusive_probe_releases_its_slot(health: ModelHealth, code: str) -> None:
    open_it(health)
    assert health.admit(one(7), now=LATER)
    health.ended(ended(code, number=7), now=LATER)
    assert look(health, LATER) == READY
    assert health.admit(one(8), now=LATER)


def test_a_probe_that_was_not_recorded_makes_room_for_the_next(health: ModelHealth) -> None:
    open_it(health)
    health.admit(one(7), now=LATER)
    health.released(one(6))
    assert look(health, LATER) != READY
    health.released(one(7))
    assert look(health, LATER) == READY


@pytest.mark.parametrize(("by_sending", "closed"), [(True, True), (False, False)])
def test_a_submitted_probe_closes_a_circuit_that_failed_submissions_opened(
    health: ModelHealth, by_sending: bool, closed: bool
) -> None:
    open_it(health, by_sending=by_sending)
    health.admit(one(7), now=LATER)
    health.taken(one(7))
    assert (look(health, LATER) == AVAILABLE) is closed


def test_an_opening_is_counted_by_model_and_the_fifth_in_a_row_as_an_outage(
    health: ModelHealth, logged: Logged
) -> None:
    open_it(health)
    now = NOW
    for number in range(4):
        now += timedelta(seconds=LONGEST_SECONDS)
        health.admit(one(10 + number), now=now)
        health.unsent(one(10 + number), now=now)
    told = [line for line in logged() if line["action"] == "model.unavailable"]
    assert [(line["ModelUnavailable"], line["modelId"], line["level"]) for line in told] == [
        (1, "flux-schnell", "WARNING")
    ] * 5
    assert [line.get("ModelOutage") for line in told] == [None] * 4 + [1]
    assert [line["metadata"]["seconds"] for line in told] == [30, 60, 120, 240, 480]


def test_stored_breaker_state_expires(health: ModelHealth, redis_client: Redis) -> None:
    health.unsent(one(), now=NOW)
    [name] = redis_client.keys()
    assert name == "models:health:image:flux-schnell"
    assert redis_client.ttl(name) == 30 * 60
    open_it(health)
    assert redis_client.ttl(name) == 60 * 60


def test_an_admission_is_one_round_trip_and_a_list_of_models_too(redis: str, redis_client: Redis) -> None:
    assert redis_client.dbsize() == 0
    with counting_proxy(redis) as counts:
        health = ModelHealth(Cache(lambda: at_port(redis, counts.port)))
        health.admit(one(), now=NOW)
        counts.reset()
        health.admit(one(), now=NOW)
        assert counts.round_trips == 1
        health.look([FLUX, OTHER], now=NOW)
        assert counts.round_trips == 2
        health.ended(ended(None), now=NOW)
        assert counts.round_trips == 3


def test_without_redis_every_model_is_available(redis: str, logged: Logged) -> None:
    health = ModelHealth(Cache(lambda: at_port(redis, closed_port())))
    open_it(health)
    assert health.admit(one(), now=NOW) is False
    assert health.look([FLUX, OTHER], now=NOW) == [AVAILABLE, AVAILABLE]
    assert {line["metadata"]["part"] for line in logged()} == {"cache"}


def test_no_models_are_no_question(redis: str) -> None:
    assert ModelHealth(Cache(lambda: at_port(redis, closed_port()))).look([], now=NOW) == []

"""The request counter of a user on a real Redis: two sliding windows, exact under any concurrency."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from redis import Redis

from integration.wire import at_port, counting_proxy
from mediagen.cache.cache import Cache
from mediagen.limits.quota import Quota, position

HOUR = datetime(2026, 11, 22, 17, tzinfo=UTC)
NOW = HOUR + timedelta(minutes=30)
CLIENTS = 200


def spend(cache: Cache, now: datetime = NOW, *, limit: int = 100, once: str | None = None) -> Quota:
    quota = cache.spend("user-1", now, limit=limit, once=once)
    assert quota is not None
    return quota


def counted(cache: Cache, now: datetime = NOW) -> int:
    quota = cache.look("user-1", now, limit=1)
    assert quota is not None
    return quota.current


def at_once[T](redis: str, act: Callable[[Cache], T]) -> list[T]:
    """Run many clients in parallel, each with its own connection."""
    barrier = Barrier(CLIENTS)

    def run(_: int) -> T:
        mine = Cache(lambda: redis)
        mine.answers()  # connected before the start
        barrier.wait()
        return act(mine)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(run, range(CLIENTS)))


@pytest.mark.parametrize(("last", "limit", "admitted"), [(0, 70, 70), (61, 100, 70)])
def test_of_two_hundred_clients_at_once_exactly_the_limit_is_admitted(
    redis: str, cache: Cache, last: int, limit: int, admitted: int
) -> None:
    for _ in range(last):
        spend(cache, NOW - timedelta(hours=1))
    quotas = at_once(redis, lambda mine: spend(mine, limit=limit))
    assert Counter(quota.is_admitted for quota in quotas) == {True: admitted, False: CLIENTS - admitted}
    assert sorted(quota.current for quota in quotas if quota.is_admitted) == list(range(1, admitted + 1))
    assert counted(cache) == admitted


def test_the_counter_does_what_the_rule_says_at_any_time(cache: Cache) -> None:
    """Compare requests at random moments of six hours with the rule on plain numbers."""
    chance, counts, now = random.Random(17), Counter[int](), HOUR
    for _ in range(1_000):
        now += timedelta(milliseconds=chance.randrange(40_000))
        window, _ = position(now)
        expected = Quota(50, counts[window - 1], counts[window], now).remaining > 0
        quota = spend(cache, now, limit=50)
        counts[window] += expected
        assert quota == Quota(50, counts[window - 1], counts[window], now, expected)
        assert cache.look("user-1", now, limit=50) == Quota(50, counts[window - 1], counts[window], now)


def test_users_do_not_count_for_each_other(cache: Cache) -> None:
    spend(cache)
    other = cache.spend("user-2", NOW, limit=1)
    assert other == Quota(1, 0, 1, NOW)


def test_a_refused_request_counts_nothing(cache: Cache) -> None:
    assert [spend(cache, limit=1).is_admitted for _ in range(3)] == [True, False, False]
    assert counted(cache) == 1


def test_a_count_ends_with_its_second_hour_however_many_follow(cache: Cache, redis_client: Redis) -> None:
    spend(cache)
    [name] = redis_client.keys()
    redis_client.expire(name, 5)
    spend(cache)
    assert redis_client.ttl(name) == 5


def test_a_refund_goes_to_its_own_hour_and_never_below_zero(cache: Cache) -> None:
    spend(cache, NOW - timedelta(hours=1))
    spend(cache)
    for _ in range(3):
        cache.give_back("user-1", NOW)
    assert (counted(cache), counted(cache, NOW - timedelta(hours=1))) == (0, 1)


def test_two_hundred_units_given_back_at_once_are_all_there_again(redis: str, cache: Cache) -> None:
    for _ in range(CLIENTS + 5):
        spend(cache, limit=1_000)
    at_once(redis, lambda mine: mine.give_back("user-1", NOW))
    assert counted(cache) == 5


def test_requests_that_are_one_and_the_same_cost_one_unit(redis: str, cache: Cache) -> None:
    quotas = at_once(redis, lambda mine: spend(mine, limit=1, once="key 1"))
    assert all(quota.is_admitted for quota in quotas)
    assert counted(cache) == 1
    assert not spend(cache, limit=1, once="key 2").is_admitted


def test_the_last_release_of_a_shared_unit_refunds_it(cache: Cache) -> None:
    for _ in range(3):
        spend(cache, once="key 1")
    counts = []
    for _ in range(4):
        cache.give_back("user-1", NOW, once="key 1")
        counts.append(counted(cache))
    assert counts == [1, 1, 0, 0]
    spend(cache, once="key 1")
    assert counted(cache) == 1


def test_a_refused_request_holds_nothing(cache: Cache) -> None:
    spend(cache, limit=1)
    assert not spend(cache, limit=1, once="key 1").is_admitted
    assert not spend(cache, limit=1, once="key 1").is_admitted
    cache.give_back("user-1", NOW, once="key 1")
    assert counted(cache) == 1


def test_each_question_is_one_round_trip(redis: str) -> None:
    with counting_proxy(redis) as counts:
        cache = Cache(lambda: at_port(redis, counts.port))
        spend(cache)
        counts.reset()
        spend(cache, once="key 1")
        cache.give_back("user-1", NOW, once="key 1")
        cache.look("user-1", NOW, limit=1)
        cache.spend_each("user-1", NOW, [None] * 100, limit=1_000)
        assert counts.round_trips == 4


def test_many_at_a_time_are_admitted_in_their_order_as_far_as_the_limit_goes(cache: Cache) -> None:
    spend(cache)
    quotas = cache.spend_each("user-1", NOW, [None] * 5, limit=4) or []
    assert [(quota.is_admitted, quota.current) for quota in quotas] == [
        (True, 2), (True, 3), (True, 4), (False, 4), (False, 4),
    ]  # fmt: skip
    assert counted(cache) == 4


def test_many_at_a_time_that_are_one_and_the_same_cost_their_units_once(redis: str, cache: Cache) -> None:
    onces = [f"key\n{at}" for at in range(3)]
    at_once(redis, lambda mine: mine.spend_each("user-1", NOW, onces, limit=3))
    assert counted(cache) == 3
    for once in onces * (CLIENTS - 1):
        cache.give_back("user-1", NOW, once=once)
    assert counted(cache) == 3
    for once in onces:
        cache.give_back("user-1", NOW, once=once)
    assert counted(cache) == 0

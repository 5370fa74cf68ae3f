"""Slots for waiting requests on a real Redis: no user exceeds the limit, and every slot is released."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest
from redis import Redis

from integration.wire import closed_port
from mediagen.cache.cache import Cache
from mediagen.cache.waits import PLACE_SECONDS, Waits

PLACES = 20
CLIENTS = 150  # prod's concurrency of get_status
USER, OTHER = "user-1", "user-2"


@pytest.fixture
def open_places() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_of_150_requests_at_once_twenty_wait(redis: str, redis_client: Redis) -> None:
    barrier, answered = Barrier(CLIENTS), Barrier(CLIENTS)

    def ask(_: int) -> bool:
        mine = Cache(lambda: redis)
        mine.answers()  # connected before the start
        barrier.wait()
        with Waits(mine, PLACES).place(USER) as may_wait:
            answered.wait()
            return may_wait

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert sum(pool.map(ask, range(CLIENTS))) == PLACES
    assert redis_client.keys() == []


def test_other_users_have_places_of_their_own(cache: Cache, open_places: ExitStack) -> None:
    waits = Waits(cache, 1)
    asked = [open_places.enter_context(waits.place(user)) for user in (USER, USER, OTHER)]
    assert asked == [True, False, True]


def test_a_slot_is_released_when_its_request_ends_or_fails(cache: Cache) -> None:
    waits = Waits(cache, 1)
    with pytest.raises(ZeroDivisionError), waits.place(USER):
        1 / 0  # noqa: B018
    with waits.place(USER) as may_wait:
        assert may_wait


def test_the_place_of_a_function_that_was_killed_expires(cache: Cache, redis_client: Redis) -> None:
    waits = Waits(cache, 1)
    with waits.place(USER):
        [key] = redis_client.keys()
        assert 0 < redis_client.ttl(key) <= PLACE_SECONDS
        redis_client.delete(key)  # as its expiry does
        with waits.place(USER) as may_wait:
            assert may_wait


def test_a_late_release_frees_no_other_requests_slot(cache: Cache, redis_client: Redis) -> None:
    waits = Waits(cache, 1)
    with ExitStack() as late:
        late.enter_context(waits.place(USER))
        redis_client.flushall()
        with waits.place(USER):
            late.close()
            with waits.place(USER) as may_wait:
                assert not may_wait


def test_without_redis_every_request_may_wait() -> None:
    away = Waits(Cache(lambda: f"redis://127.0.0.1:{closed_port()}"), 1)
    with away.place(USER) as first, away.place(USER) as second:
        assert first
        assert second

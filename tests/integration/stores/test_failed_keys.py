"""The counter of an address's wrong keys on a real Redis; the unit tests' fake behaves the same."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from redis import Redis

from integration.wire import at_port, closed_port, counting_proxy
from mediagen.access.source_standing import WINDOW_SECONDS, Standing
from mediagen.cache.failed_keys import TRUST_SECONDS, FailedKeys
from unit.failed_keys import FailedKeys as Fake

START = datetime(2026, 11, 22, 17, tzinfo=UTC)
NOW = START + timedelta(minutes=2)
KEY, OTHER = bytes(32), bytes([1]) * 32
HERE, THERE = "192.0.2.1", "2001:db8:0:1::/64"
CLIENTS = 100


@pytest.fixture
def counter(redis: str, redis_client: Redis) -> FailedKeys:
    return FailedKeys(lambda: redis)


@pytest.fixture(params=["Redis", "memory"])
def either(request: pytest.FixtureRequest) -> FailedKeys | Fake:
    counter: FailedKeys | Fake = request.getfixturevalue("counter") if request.param == "Redis" else Fake()
    return counter


def test_as_many_as_allowed_are_looked_at_from_each_address(either: FailedKeys | Fake) -> None:
    standings = [either.begin(HERE, None, NOW, limit=2) for _ in range(4)]
    assert standings == [Standing.COUNTED] * 2 + [Standing.SLOWED] * 2
    assert either.begin(THERE, KEY, NOW, limit=2) is Standing.COUNTED


def test_a_right_key_gets_its_unit_back_and_is_trusted_everywhere(either: FailedKeys | Fake) -> None:
    either.begin(HERE, KEY, NOW, limit=1)
    either.trust(HERE, KEY, NOW)
    assert [either.begin(HERE, key, NOW, limit=1) for key in (KEY, OTHER, OTHER, KEY)] == [
        Standing.TRUSTED,
        Standing.COUNTED,
        Standing.SLOWED,
        Standing.TRUSTED,
    ]
    assert either.begin(THERE, KEY, NOW, limit=1) is Standing.TRUSTED


def test_a_key_that_was_not_judged_gets_its_unit_back_and_no_trust(either: FailedKeys | Fake) -> None:
    for _ in range(3):
        assert either.begin(HERE, KEY, NOW, limit=1) is Standing.COUNTED
        either.release(HERE, NOW)


def test_only_taken_units_are_refunded(either: FailedKeys | Fake) -> None:
    either.release(HERE, NOW)
    assert [either.begin(HERE, KEY, NOW, limit=1) for _ in range(2)] == [Standing.COUNTED, Standing.SLOWED]


def test_a_key_that_was_right_once_is_trusted_no_longer(either: FailedKeys | Fake) -> None:
    either.begin(HERE, KEY, NOW, limit=2)
    either.trust(HERE, KEY, NOW)
    either.distrust(HERE, KEY, NOW)
    assert [either.begin(HERE, KEY, NOW, limit=2) for _ in range(2)] == [Standing.COUNTED, Standing.SLOWED]


def at_once(redis: str, act: Callable[[FailedKeys], Standing]) -> Counter[Standing]:
    """Run many containers in parallel, each with its own connection."""
    barrier = Barrier(CLIENTS)

    def run(_: int) -> Standing:
        mine = FailedKeys(lambda: redis)
        mine.answers()  # connected before the start
        barrier.wait()
        return act(mine)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(run, range(CLIENTS)))


@pytest.mark.parametrize("key", [None, KEY], ids=["malformed", "well-formed"])
def test_of_a_hundred_wrong_keys_at_once_exactly_the_limit_is_looked_at(
    redis: str, redis_client: Redis, key: bytes | None
) -> None:
    standings = at_once(redis, lambda mine: mine.begin(HERE, key, NOW, limit=30))
    assert standings == {Standing.COUNTED: 30, Standing.SLOWED: 70}


def test_of_a_hundred_at_once_all_that_are_trusted_pass_an_address_that_is_slowed(
    redis: str, counter: FailedKeys
) -> None:
    counter.begin(HERE, KEY, NOW, limit=1)
    counter.trust(HERE, KEY, NOW)
    counter.begin(HERE, OTHER, NOW, limit=1)
    assert at_once(redis, lambda mine: mine.begin(HERE, KEY, NOW, limit=1)) == {Standing.TRUSTED: CLIENTS}


def test_the_window_slides_as_the_rule_says_at_any_time(counter: FailedKeys) -> None:
    """Compare wrong keys at random moments of an hour with the rule on plain numbers."""
    chance, counts, now = random.Random(17), Counter[int](), START
    for _ in range(800):
        now += timedelta(milliseconds=chance.randrange(9_000))
        window, passed = divmod(int(now.timestamp() * 1000), WINDOW_SECONDS * 1000)
        sliding = counts[window - 1] * (WINDOW_SECONDS * 1000 - passed) // (WINDOW_SECONDS * 1000)
        is_admitted = sliding + counts[window] < 20
        counts[window] += is_admitted
        standing = counter.begin(HERE, None, now, limit=20)
        assert standing is (Standing.COUNTED if is_admitted else Standing.SLOWED)


def test_two_windows_later_all_is_forgotten(counter: FailedKeys, redis_client: Redis) -> None:
    counter.begin(HERE, KEY, NOW, limit=1)
    assert counter.begin(HERE, KEY, NOW + timedelta(seconds=2 * WINDOW_SECONDS), limit=1) is Standing.COUNTED
    assert {redis_client.ttl(name) for name in redis_client.keys("*")} == {2 * WINDOW_SECONDS}


def test_the_keys_are_named_by_address_and_window_and_hold_no_api_key(counter: FailedKeys, redis_client: Redis) -> None:
    counter.begin(HERE, KEY, NOW, limit=1)
    counter.trust(HERE, KEY, NOW)
    window = int(NOW.timestamp()) // WINDOW_SECONDS
    assert set(redis_client.keys("*")) == {f"ratelimit:ip:{HERE}:{window}", f"ratelimit:trusted:{KEY.hex()}"}
    assert redis_client.ttl(f"ratelimit:trusted:{KEY.hex()}") == TRUST_SECONDS


def test_every_question_is_one_round_trip(redis: str, redis_client: Redis) -> None:
    with counting_proxy(redis) as counts:
        mine = FailedKeys(lambda: at_port(redis, counts.port))
        mine.begin(HERE, KEY, NOW, limit=9)
        counts.reset()
        mine.begin(HERE, KEY, NOW, limit=9)
        mine.trust(HERE, KEY, NOW)
        mine.distrust(HERE, KEY, NOW)
        mine.release(HERE, NOW)
        assert counts.round_trips == 4


def test_without_redis_no_address_is_limited_and_the_outage_is_counted(
    redis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = itertools.count(step=10)  # the circuit never stays open
    away = FailedKeys(lambda: at_port(redis, closed_port()), clock=lambda: next(clock))
    assert [away.begin(HERE, KEY, NOW, limit=1) for _ in range(3)] == [Standing.UNKNOWN] * 3
    away.trust(HERE, KEY, NOW)
    away.release(HERE, NOW)
    away.distrust(HERE, KEY, NOW)
    assert capsys.readouterr().out.count('"Degraded": 1') == 6

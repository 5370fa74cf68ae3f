"""Cached keys are valid while PostgreSQL is down: for an hour, and not after revocation."""

from datetime import timedelta

import pytest
from redis import Redis

from integration.stores.jobs import NOW
from integration.wire import at_port, closed_port
from mediagen.cache.known_keys import KNOWN_SECONDS, KnownKeys
from mediagen.records.access import User

KEY = bytes(range(32))
NAME = f"ratelimit:known:{KEY.hex()}"
ADA = User("019aac7c-0000-7000-8000-000000000000", 250)


@pytest.fixture
def known(redis: str, redis_client: Redis) -> KnownKeys:
    return KnownKeys(lambda: redis)


def test_a_key_that_was_right_is_known_for_an_hour(known: KnownKeys, redis_client: Redis) -> None:
    known.remember(KEY, ADA, NOW)
    assert known.recall(KEY) == ADA
    assert redis_client.ttl(NAME) == KNOWN_SECONDS
    assert known.recall(bytes(32)) is None


@pytest.mark.parametrize(("lives", "kept"), [(60, 60), (2 * KNOWN_SECONDS, KNOWN_SECONDS), (0, -2)])
def test_a_key_is_not_known_for_longer_than_it_lives(
    known: KnownKeys, redis_client: Redis, lives: int, kept: int
) -> None:
    known.remember(KEY, User("user-1", key_ends_at=NOW + timedelta(seconds=lives)), NOW)
    assert redis_client.ttl(NAME) == kept


def test_a_revoked_key_leaves_the_cache_also_after_a_concurrent_lookup(known: KnownKeys, redis_client: Redis) -> None:
    known.remember(KEY, ADA, NOW)
    assert known.forget(KEY)
    assert known.recall(KEY) is None
    known.remember(KEY, ADA, NOW)
    assert known.recall(KEY) is None
    assert redis_client.ttl(NAME) > KNOWN_SECONDS


def test_revoking_a_key_reports_that_redis_was_unavailable(redis: str) -> None:
    away = KnownKeys(lambda: at_port(redis, closed_port()))
    away.remember(KEY, ADA, NOW)
    assert (away.recall(KEY), away.forget(KEY)) == (None, False)

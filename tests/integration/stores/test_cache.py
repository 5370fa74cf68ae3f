"""The cache on a real Redis: its keys, their expiry, and races of writers."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
from redis import Redis

from mediagen.cache.cache import Cache
from mediagen.cache.statuses import DOUBTFUL_SECONDS
from mediagen.jobs.epochs import projected_revision

NOW = datetime(2026, 11, 22, 17, 59, 59, tzinfo=UTC)
JOB = "019aac7c-0000-7000-8000-000000000000"


def document(revision: int, **more: Any) -> dict[str, Any]:
    return {"jobId": JOB, "revision": revision, "status": f"s{revision}", "ü": [None, 1.5]} | more


def test_every_key_has_its_name_and_its_time(cache: Cache, redis_client: Redis) -> None:
    cache.remember_status(document(1))
    cache.spend("user-1", NOW, limit=1, once="key 1")
    cache.remember_models({"image": {}})
    cache.mark_processed("prediction-1")
    kept = {name: redis_client.ttl(name) for name in redis_client.scan_iter()}
    assert kept == {
        f"job:status:{JOB}": 300,
        "job:status:epoch": -1,
        f"ratelimit:user:user-1:{int(NOW.timestamp()) // 3600}": 7200,
        f"ratelimit:user:user-1:once:{sha256(b'key 1').hexdigest()}": 60,
        "models:config:v1": 3600,
        "webhook:processed:prediction-1": 7200,
    }


def test_what_is_kept_is_read_back(cache: Cache) -> None:
    assert (cache.status(JOB), cache.models()) == (None, None)
    cache.remember_status(document(1))
    cache.remember_models({"image": {"a": {"version": "o/n"}}})
    assert cache.status(JOB) == document(1)
    assert cache.models() == {"image": {"a": {"version": "o/n"}}}


def test_a_mark_shows_whether_the_prediction_was_marked_before(cache: Cache) -> None:
    assert [cache.mark_processed(name) for name in ("p-1", "p-1", "p-2")] == [False, True, False]


def test_an_older_document_never_replaces_a_newer_one(cache: Cache) -> None:
    for revision in (2, 10, 9, 1):
        cache.remember_status(document(revision))
    assert cache.status(JOB) == document(10)


def test_a_tombstone_outlives_every_older_document(cache: Cache, redis_client: Redis) -> None:
    stone = {"jobId": JOB, "revision": 4, "deleted": True}
    cache.remember_status(document(3))
    cache.remember_status(stone)
    cache.remember_status(document(3))
    assert cache.status(JOB) == stone
    assert redis_client.ttl(f"job:status:{JOB}") == 3600


def test_the_same_revision_again_is_kept_for_another_five_minutes(cache: Cache, redis_client: Redis) -> None:
    cache.remember_status(document(3))
    redis_client.expire(f"job:status:{JOB}", 10)
    cache.remember_status(document(3))
    assert redis_client.ttl(f"job:status:{JOB}") == 300


def test_a_running_document_lives_for_seconds_once_an_end_is_expected(cache: Cache, redis_client: Redis) -> None:
    running = document(1) | {"completedAt": None}
    for write in (cache.remember_status, lambda _: None):  # before the outdating, and by a reader after it
        cache.remember_status(running)
        cache.expect_end(JOB)
        write(running)
        assert 0 < redis_client.ttl(f"job:status:{JOB}") <= DOUBTFUL_SECONDS
    assert redis_client.ttl(f"job:status:{JOB}:ending") > DOUBTFUL_SECONDS


def test_an_end_and_a_tombstone_live_on_when_another_end_is_expected(cache: Cache, redis_client: Redis) -> None:
    ended = document(2) | {"completedAt": "2026-11-22T17:00:00.000Z"}
    for kept, seconds in ((ended, 300), ({"jobId": JOB, "revision": 3, "deleted": True}, 3600)):
        cache.expect_end(JOB)
        cache.remember_status(kept)
        cache.expect_end(JOB)
        assert seconds - 5 < redis_client.ttl(f"job:status:{JOB}") <= seconds


def test_of_many_writers_at_once_the_newest_document_stays(redis: str, cache: Cache) -> None:
    revisions = random.sample(range(1, 41), 40)
    barrier = Barrier(10)

    def write(part: int) -> None:
        mine = Cache(lambda: redis)
        mine.status(JOB)  # connected before the start
        barrier.wait()
        for revision in revisions[part::10]:
            mine.remember_status(document(revision))

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(10)))
    assert cache.status(JOB) == document(40)


def test_a_document_of_an_earlier_epoch_is_none_and_replaces_nothing(cache: Cache) -> None:
    new = document(projected_revision(1, NOW))
    assert cache.remember_status(document(9))
    assert cache.remember_status(new)
    assert not cache.remember_status(document(10))
    assert cache.status(JOB) == new
    cache.remember_epoch(NOW + timedelta(seconds=1))
    assert cache.status(JOB) is None
    cache.remember_epoch(NOW)
    assert cache.status(JOB) is None


def test_only_a_document_made_of_a_row_says_which_epoch_it_is(cache: Cache, redis_client: Redis) -> None:
    newer = document(projected_revision(1, NOW))
    for other in (document(9), newer):
        assert not cache.remember_status(other, is_of_row=False)
    assert not redis_client.exists("job:status:epoch")
    assert cache.remember_status(document(9))
    assert not cache.remember_status(newer, is_of_row=False)
    assert cache.remember_status(document(10), is_of_row=False)
    assert cache.status(JOB) == document(10)


def test_a_mark_of_another_epoch_does_not_count(cache: Cache) -> None:
    cache.mark_processed("prediction-1", 5)
    assert [cache.mark_processed("prediction-1", epoch) for epoch in (0, 4, 4, 5)] == [False, False, True, False]


def test_a_mark_that_is_sent_twice_does_not_find_itself(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    execute: Any = Redis.execute_command

    def twice(*words: Any, **options: Any) -> Any:
        execute(*words, **options)
        return execute(*words, **options)

    monkeypatch.setattr(Redis, "execute_command", twice)
    assert not cache.mark_processed("prediction-1")

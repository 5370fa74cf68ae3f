"""Each user's callback secrets: created once, rotated once, valid for one more day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from integration.stores.jobs import NOW, add_user
from mediagen.records.callback_secrets import OVERLAP, CallbackSecrets
from mediagen.records.database import Database

MINUTE = timedelta(minutes=1)


@pytest.fixture
def secrets(database: Database) -> CallbackSecrets:
    return CallbackSecrets(database)


def test_the_first_secret_is_made_when_it_is_needed_and_stays(secrets: CallbackSecrets, user_id: str, sql: Any) -> None:
    [first] = secrets.valid(user_id, now=NOW)
    assert (len(first.key), first.ends_at) == (32, None)
    assert first.text.startswith("whsec_")
    assert secrets.valid(user_id, now=NOW + timedelta(days=400)) == [first]
    assert secrets.valid(add_user(sql), now=NOW) != [first]


def test_concurrent_requests_for_the_first_secret_get_the_same_one(
    databases: Callable[[], Database], user_id: str
) -> None:
    barrier = Barrier(8)

    def need(mine: CallbackSecrets) -> list[str]:
        barrier.wait()
        return [secret.text for secret in mine.valid(user_id, now=NOW)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(need, [CallbackSecrets(databases()) for _ in range(8)]))
    assert len(found[0]) == 1
    assert found == [found[0]] * 8


def test_for_a_day_after_a_rotation_both_are_valid_the_new_one_first(secrets: CallbackSecrets, user_id: str) -> None:
    [old] = secrets.valid(user_id, now=NOW)
    secrets.rotate(user_id, now=NOW + MINUTE)
    new, ending = secrets.valid(user_id, now=NOW + OVERLAP)
    assert (new.ends_at, ending.ends_at) == (None, NOW + MINUTE + OVERLAP)
    assert ending.key == old.key != new.key
    assert secrets.valid(user_id, now=NOW + MINUTE + OVERLAP) == [new]


def test_a_second_rotation_does_not_shorten_the_day_of_the_first(secrets: CallbackSecrets, user_id: str) -> None:
    secrets.valid(user_id, now=NOW)
    for hours in (1, 2):
        secrets.rotate(user_id, now=NOW + timedelta(hours=hours))
    ends = [secret.ends_at for secret in secrets.valid(user_id, now=NOW + timedelta(hours=3))]
    assert ends == [None, NOW + timedelta(hours=2) + OVERLAP, NOW + timedelta(hours=1) + OVERLAP]


def test_of_many_rotations_at_once_one_secret_is_current(databases: Callable[[], Database], user_id: str) -> None:
    CallbackSecrets(databases()).valid(user_id, now=NOW)
    barrier = Barrier(8)

    def rotate(mine: CallbackSecrets) -> None:
        barrier.wait()
        mine.rotate(user_id, now=NOW + MINUTE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rotate, [CallbackSecrets(databases()) for _ in range(8)]))
    found = CallbackSecrets(databases()).valid(user_id, now=NOW + MINUTE)
    assert [secret.ends_at for secret in found].count(None) == 1
    assert 2 <= len(found) <= 9

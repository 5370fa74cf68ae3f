"""Users and API keys: which keys are valid, and until when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from integration.stores.jobs import NOW
from mediagen.access.api_keys import hash_key
from mediagen.records.access import AccessRecords, User

HASH = hash_key("vsl_test_key")
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def key_id(access: AccessRecords, user_id: str) -> str:
    new = str(uuid4())
    assert access.add_key(new, user_id, HASH, "abcd", "laptop", NOW)
    return new


def test_the_user_of_a_key_is_found_by_its_hash(access: AccessRecords, user_id: str, key_id: str) -> None:
    assert access.find_user(HASH, NOW) == User(user_id)
    assert access.find_user(hash_key("vsl_another"), NOW) is None


def test_a_revoked_key_ends_at_once_and_only_once(access: AccessRecords, key_id: str) -> None:
    assert access.revoke_key(key_id, NOW) == HASH
    assert access.find_user(HASH, NOW) is None
    assert access.revoke_key(key_id, NOW) is None


def test_an_expired_key_ends_at_its_time(access: AccessRecords, user_id: str, key_id: str) -> None:
    ends = NOW + timedelta(hours=1)
    assert access.expire_key(key_id, ends) == {"userId": user_id, "name": "laptop", "key_hash": HASH}
    assert access.find_user(HASH, ends - MOMENT) == User(user_id, key_ends_at=ends)
    assert access.find_user(HASH, ends) is None


def test_an_end_that_was_set_is_never_moved_later(access: AccessRecords, key_id: str) -> None:
    for hours in (1, 5):
        access.expire_key(key_id, NOW + timedelta(hours=hours))
    assert access.find_user(HASH, NOW + timedelta(hours=2)) is None


def test_a_revoked_or_unknown_key_cannot_be_given_an_end(access: AccessRecords, key_id: str) -> None:
    access.revoke_key(key_id, NOW)
    assert access.expire_key(key_id, NOW) is None
    assert access.expire_key(str(uuid4()), NOW) is None


def test_the_keys_of_a_disabled_user_are_refused(access: AccessRecords, user_id: str, key_id: str, sql: Any) -> None:
    sql.run("UPDATE users SET disabled_at = now() WHERE id = :id", id=user_id)
    assert access.find_user(HASH, NOW) is None


def test_limits_are_kept_each_by_itself_and_the_rate_is_known_with_the_user(
    access: AccessRecords, user_id: str, key_id: str
) -> None:
    none = {"ratePerHour": None, "concurrentJobs": None, "monthlyBudget": None}
    assert access.set_limits(user_id, {"ratePerHour": 250}) == none | {"ratePerHour": 250}
    both = {"concurrentJobs": 5, "monthlyBudget": Decimal("12.5")}
    assert access.set_limits(user_id, both) == both | {"ratePerHour": 250}
    assert access.find_user(HASH, NOW) == User(user_id, 250)
    [listed] = access.list()
    assert {name: listed[name] for name in none} == both | {"ratePerHour": 250}
    assert access.set_limits(user_id, none) == none
    assert access.find_user(HASH, NOW) == User(user_id)


def test_limits_need_a_user(access: AccessRecords) -> None:
    assert access.set_limits(str(uuid4()), {"ratePerHour": 250}) is None


def test_a_key_needs_a_user(access: AccessRecords) -> None:
    assert not access.add_key(str(uuid4()), str(uuid4()), HASH, "abcd", "laptop", NOW)


def test_statements_that_are_sent_twice_act_once(access: AccessRecords, sql: Any) -> None:
    user_id, key_id = str(uuid4()), str(uuid4())
    for _ in range(2):
        access.add_user(user_id, "somebody", NOW)
        assert access.add_key(key_id, user_id, HASH, "abcd", "laptop", NOW)
    assert sql.run("SELECT count(*) FROM users") == sql.run("SELECT count(*) FROM api_keys") == [[1]]


def test_users_are_listed_with_their_keys_but_without_secrets(access: AccessRecords, key_id: str) -> None:
    alone = str(uuid4())
    access.add_user(alone, "nobody yet", datetime.now(UTC) + timedelta(days=1))
    first, last = access.list()
    assert [(key["keyId"], key["lastFour"], key["revokedAt"]) for key in first["keys"]] == [(key_id, "abcd", None)]
    assert (str(last["userId"]), last["name"], last["keys"]) == (alone, "nobody yet", [])
    assert HASH.hex() not in str(first)

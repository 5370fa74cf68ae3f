"""The user of a request's API key."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorize.flow import authorize
from mediagen.access.api_keys import MAX_LENGTH, bearer_token, hash_key, new_key
from mediagen.access.authenticate import Judges
from mediagen.cache.known_keys import KnownKeys
from mediagen.errors.refusals import Unavailable
from mediagen.records.access import User
from unit.conftest import Logged
from unit.failed_keys import FailedKeys
from unit.samples import NOW

KEY = new_key("vsl_homolog")
LIMIT = 3
ADDRESS = "192.0.2.1"


def event(value: str, name: str = "authorization", address: str = ADDRESS) -> dict[str, Any]:
    context = {"http": {"sourceIp": address}}
    return {"version": "2.0", "type": "REQUEST", "headers": {name: value}, "requestContext": context}


class Known(dict[bytes, User], KnownKeys):
    """The cache of keys that were valid lately."""

    def remember(self, key_hash: bytes, user: User, _now: datetime) -> None:
        self[key_hash] = user

    def recall(self, key_hash: bytes) -> User | None:
        return self.get(key_hash)


class Desk:
    """The flow, with a database that knows these keys and records its lookups. None: the database is down."""

    def __init__(self, *keys: str, failed_keys: FailedKeys | None = None, rate: int | None = None) -> None:
        self.rate = rate
        self.known: list[bytes] | None = [hash_key(key) for key in keys]
        self.asked: list[bytes] = []
        self.failed_keys = failed_keys or FailedKeys()
        self.known_keys = Known()

    def find_user(self, key_hash: bytes, _now: datetime) -> User | None:
        self.asked.append(key_hash)
        if self.known is None:
            raise Unavailable("away")
        return User("user-1", self.rate) if key_hash in self.known else None

    def ask(self, value: str, address: str = ADDRESS) -> dict[str, Any]:
        """Run the flow for a key; return the context of the verdict."""
        judges = Judges(self.find_user, self.failed_keys, LIMIT)
        verdict = authorize(event(value, address=address), now=NOW, judges=judges, known_keys=self.known_keys)
        assert verdict["isAuthorized"]
        return verdict["context"]  # type: ignore[return-value]

    @property
    def failures(self) -> int:
        return self.failed_keys.counts.total()


def fresh() -> str:
    """Make a header with an unknown key."""
    return f"Bearer {new_key('vsl_homolog')}"


SLOWED = {"userId": "", "slowedUntil": str(int(NOW.timestamp()) + 300)}


def test_a_key_is_looked_up_by_its_hash_and_costs_its_address_nothing() -> None:
    desk = Desk(KEY)
    assert [desk.ask(f"Bearer {KEY}") for _ in range(LIMIT + 2)] == [{"userId": "user-1"}] * (LIMIT + 2)
    assert desk.asked == [hash_key(KEY)] * (LIMIT + 2)
    assert desk.failures == 0


def test_a_rate_of_the_users_own_goes_with_the_answer() -> None:
    assert Desk(KEY, rate=250).ask(f"Bearer {KEY}") == {"userId": "user-1", "ratePerHour": 250}


def test_an_unknown_key_has_no_user_so_that_the_edge_can_return_401() -> None:
    desk = Desk()
    assert desk.ask(f"Bearer {KEY}") == {"userId": ""}
    assert desk.failures == 1


@pytest.mark.parametrize("last", [fresh(), "Bearer x", "Basic x", ""])
def test_after_too_many_wrong_keys_no_more_are_looked_up(last: str) -> None:
    desk = Desk()
    assert [desk.ask(wrong) for wrong in (fresh(), "Bearer wrong", fresh(), last)] == [{"userId": ""}] * LIMIT + [
        SLOWED
    ]
    assert len(desk.asked) == 2  # a malformed key never is


def test_a_limit_applies_to_one_address_only() -> None:
    desk = Desk(KEY)
    for _ in range(LIMIT + 1):
        desk.ask(fresh())
    assert desk.ask(f"Bearer {KEY}") == SLOWED  # not yet distinguishable from a guess
    assert desk.ask(f"Bearer {KEY}", "198.51.100.7") == {"userId": "user-1"}


def test_a_key_that_was_right_before_works_on_whatever_its_neighbours_do() -> None:
    desk = Desk(KEY)
    desk.ask(f"Bearer {KEY}", "198.51.100.7")
    for _ in range(LIMIT + 1):
        desk.ask(fresh())
    assert desk.ask(f"Bearer {KEY}") == {"userId": "user-1"}


def test_a_key_that_was_right_before_is_still_looked_up_and_trusted_no_longer_than_that() -> None:
    desk = Desk(KEY)
    desk.ask(f"Bearer {KEY}")
    desk.known = []
    for _ in range(LIMIT - 1):
        desk.ask(fresh())
    assert desk.ask(f"Bearer {KEY}") == {"userId": ""}
    assert (desk.failures, desk.ask(f"Bearer {KEY}")) == (LIMIT, SLOWED)


def test_a_key_that_cannot_be_judged_costs_nothing() -> None:
    desk = Desk()
    desk.known = None
    for _ in range(LIMIT + 1):
        with pytest.raises(Unavailable):
            desk.ask(f"Bearer {KEY}")
    assert desk.failures == 0


def test_without_the_counter_no_address_is_limited() -> None:
    desk = Desk(KEY, failed_keys=FailedKeys(is_away=True))
    assert {desk.ask(fresh())["userId"] for _ in range(LIMIT + 1)} == {""}
    assert desk.ask(f"Bearer {KEY}") == {"userId": "user-1"}


@pytest.mark.parametrize("value", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER {KEY}", f"Bearer   {KEY}  "])
@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_scheme_and_header_name_may_have_any_case(value: str, name: str) -> None:
    assert bearer_token({name: value}) == KEY


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", KEY, f"Basic {KEY}", f"Token {KEY}", f"Bearer{KEY}", "Bearer " + "x" * (MAX_LENGTH + 1)],
)
def test_without_a_bearer_token_there_is_none(value: str) -> None:
    assert bearer_token({"authorization": value}) == ""


def test_a_cached_key_is_valid_while_the_database_is_down_and_counted(logged: Logged) -> None:
    desk = Desk(KEY, rate=250)
    asked = desk.ask(f"Bearer {KEY}")
    desk.known = None
    assert desk.ask(f"Bearer {KEY}") == asked
    assert [line["part"] for line in logged() if "part" in line] == ["database"]
    with pytest.raises(Unavailable):
        desk.ask(fresh())


def test_a_wrong_key_is_not_remembered() -> None:
    desk = Desk()
    desk.ask(f"Bearer {KEY}")
    assert desk.known_keys == {}


@pytest.mark.parametrize("headers", [{}, None, {"x-api-key": KEY}])
def test_without_the_header_there_is_no_token(headers: Any) -> None:
    verdict = authorize(
        {"headers": headers}, now=NOW, judges=Judges(Desk().find_user, FailedKeys(), LIMIT), known_keys=Known()
    )
    assert verdict["context"] == {"userId": ""}
    assert bearer_token({}) == ""


@pytest.mark.parametrize(
    "token",
    [
        "x",
        KEY[:-1],
        KEY + "0",
        KEY[:-1] + ("0" if KEY[-1] != "0" else "1"),
        KEY.replace("vsl", "sk"),
        f"{KEY} {KEY}",
        "vsl_homolog_' OR 1=1 --",
        "vsl_homolog_" + "é" * 38,
        "vsl_" + "\0" * 50,
    ],
)
def test_a_malformed_key_never_reaches_the_database(token: str) -> None:
    desk = Desk()
    assert desk.ask(f"Bearer {token}") == {"userId": ""}
    assert desk.asked == []


@given(st.text())
def test_no_header_makes_the_check_fail_or_ask(value: str) -> None:
    desk = Desk()
    assert [desk.ask(value), desk.ask(f"Bearer {value}")] == [{"userId": ""}] * 2
    assert desk.asked == []

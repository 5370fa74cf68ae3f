"""Whom a request comes from."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorize.flow import MAX_LENGTH, authorize, bearer_token
from mediagen.access_keys import hash_key, new_key
from mediagen.access_records import User

KEY = new_key("vsl_homolog")


def event(value: str, name: str = "authorization") -> dict[str, Any]:
    """Make the HTTP API's question."""
    return {"version": "2.0", "type": "REQUEST", "headers": {name: value}}


def never(_key_hash: bytes) -> User | None:
    """Stand for a database that must not be asked."""
    pytest.fail("the database was asked")


def test_a_key_is_looked_up_by_its_hash() -> None:
    asked: list[bytes] = []

    def find_user(key_hash: bytes) -> User:
        asked.append(key_hash)
        return User("user-1")

    assert authorize(event(f"Bearer {KEY}"), find_user=find_user) == {
        "isAuthorized": True,
        "context": {"userId": "user-1"},
    }
    assert asked == [hash_key(KEY)]


def test_a_rate_of_the_users_own_goes_with_the_answer() -> None:
    verdict = authorize(event(f"Bearer {KEY}"), find_user=lambda _: User("user-1", 250))
    assert verdict["context"] == {"userId": "user-1", "ratePerHour": 250}


def test_an_unknown_key_is_identified_as_nobody_so_that_the_edge_can_say_401() -> None:
    verdict = authorize(event(f"Bearer {KEY}"), find_user=lambda _: None)
    assert verdict == {"isAuthorized": True, "context": {"userId": ""}}


@pytest.mark.parametrize("value", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER {KEY}", f"Bearer   {KEY}  "])
@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_scheme_and_header_name_may_have_any_case(value: str, name: str) -> None:
    assert bearer_token(event(value, name)) == KEY


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", KEY, f"Basic {KEY}", f"Token {KEY}", f"Bearer{KEY}", "Bearer " + "x" * (MAX_LENGTH + 1)],
)
def test_without_a_bearer_token_there_is_none(value: str) -> None:
    assert bearer_token(event(value)) == ""


@pytest.mark.parametrize("headers", [{}, None, {"x-api-key": KEY}])
def test_without_the_header_there_is_no_token(headers: Any) -> None:
    assert bearer_token({"headers": headers}) == ""
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
    assert authorize(event(f"Bearer {token}"), find_user=never)["context"] == {"userId": ""}


@given(st.text())
def test_no_header_makes_the_check_fail_or_ask(value: str) -> None:
    assert authorize(event(value), find_user=never)["context"] == {"userId": ""}
    assert authorize(event(f"Bearer {value}"), find_user=never)["context"] == {"userId": ""}

"""The caller of a request, and the caller's address."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.access.callers import TokenUser, slowed_seconds, source, token_user, user_id

ISSUER = "https://login.example.com/"
ADA = TokenUser(ISSUER, "ada")


def with_claims(**claims: str) -> dict[str, Any]:
    """Make the context of a request with a token, as AWS documents it."""
    return {"authorizer": {"jwt": {"claims": claims, "scopes": None}}}


def test_a_token_names_a_user_by_issuer_and_subject() -> None:
    context = with_claims(iss=ISSUER, sub="ada", aud="media", exp="1763830800")
    assert token_user(context) == ADA
    assert user_id(context) == ADA.id


def test_the_same_two_are_always_the_same_user() -> None:
    assert ADA.id == "e7fe1d96-0b24-50e8-9cbe-c8fe800285a3"
    assert UUID(ADA.id).version == 5


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_others_are_others(one: tuple[str, str], other: tuple[str, str]) -> None:
    issuers = ["https://" + name.replace(" ", "") for name in (one[0], other[0])]
    users = [TokenUser(issuer, name) for issuer, name in zip(issuers, (one[1], other[1]), strict=True)]
    assert (users[0].id == users[1].id) == (users[0] == users[1])


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"authorizer": None},
        {"authorizer": {"jwt": None}},
        with_claims(),
        with_claims(iss=ISSUER),
        with_claims(sub="a"),
    ],
)
def test_a_token_without_issuer_or_subject_names_nobody(context: dict[str, Any]) -> None:
    assert token_user(context) is None
    assert user_id(context) == ""


def test_a_key_names_the_user_the_authorizer_found() -> None:
    context = {"authorizer": {"lambda": {"userId": "user-1"}}}
    assert (user_id(context), token_user(context), slowed_seconds(context)) == ("user-1", None, 0)


@pytest.mark.parametrize(("at", "seconds"), [(1_000_000, 300), (1_299_001, 1), (1_300_000, 1), (1_400_000, 1)])
def test_a_limited_caller_gets_the_lifetime_of_the_cached_verdict(at: int, seconds: int) -> None:
    context = {"timeEpoch": at, "authorizer": {"lambda": {"userId": "", "slowedUntil": "1300"}}}
    assert slowed_seconds(context) == seconds


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::2", "2001:db8:0:1::/64"),
        ("2001:0db8:0000:0001:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::2", "2001:db8:0:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_an_address_is_one_of_ipv4_or_a_customers_network_of_ipv6(address: str, counted: str) -> None:
    assert source({"http": {"sourceIp": address}}) == counted
    assert source({}) == source({"http": None}) == ""

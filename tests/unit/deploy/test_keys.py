"""A deployer's commands for users and keys: list, rotate, revoke."""

from argparse import Namespace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from common.deployer import Deployer
from common.problems import SetupProblem
from common.progress import Progress
from deploy.access import make_key, make_user
from deploy.keys import list_users, revoke, rotate
from deploy.preflight import Place

SINCE = "2026-11-22T17:00:00.123Z"


def key(key_id: str, last_four: str, **ended: str) -> dict[str, Any]:
    return {
        "keyId": key_id,
        "name": "laptop",
        "lastFour": last_four,
        "createdAt": SINCE,
        "expiresAt": None,
        "revokedAt": None,
        **ended,
    }


USERS: list[dict[str, Any]] = [
    {
        "userId": "u-1",
        "name": "alice",
        "issuer": None,
        "createdAt": SINCE,
        "keys": [key("k-1", "aaaa"), key("k-2", "bbbb", revokedAt=SINCE), key("k-3", "cccc", expiresAt=SINCE)],
    },
    {"userId": "u-2", "name": "bob", "issuer": None, "createdAt": SINCE, "keys": [key("k-4", "aaaa")]},
    {"userId": "u-3", "name": "carol", "issuer": "https://login.example.com/", "createdAt": SINCE, "keys": []},
]


class Functions(Deployer):
    """manage_access, which records its changes."""

    def __init__(self, users: list[dict[str, Any]] = USERS) -> None:
        self.users = users
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def manage_access(self, action: str, **fields: Any) -> Any:
        if action == "list":
            return {"users": self.users}
        self.asked.append((action, fields))
        return {"keyId": "k-9", "userId": "u-9", "apiKey": "vsl_secret", "oldKeyEndsAt": SINCE, "revokedAt": SINCE}


@pytest.fixture
def place() -> Place:
    return Place(Path(), {}, Progress(StringIO()))


def given(user: str = "", key: str = "", hours: str = "") -> Namespace:
    return Namespace(environment="homolog", user=user, key=key, hours=hours, action="")


def test_the_list_shows_users_and_what_became_of_their_keys(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    list_users(given(), Functions(), place)
    assert capsys.readouterr().out.splitlines() == [
        "alice  u-1  since 2026-11-22",
        "  k-1  …aaaa  laptop  since 2026-11-22",
        "  k-2  …bbbb  laptop  since 2026-11-22  revoked 2026-11-22T17:00",
        "  k-3  …cccc  laptop  since 2026-11-22  ends 2026-11-22T17:00",
        "bob  u-2  since 2026-11-22",
        "  k-4  …aaaa  laptop  since 2026-11-22",
        "carol  u-3  since 2026-11-22  by token of https://login.example.com/",
    ]
    list_users(given("bob"), Functions(), place)
    assert capsys.readouterr().out.splitlines()[0] == "bob  u-2  since 2026-11-22"


@pytest.mark.parametrize(("user", "users"), [("dave", USERS), ("", [])])
def test_an_empty_list_is_reported(place: Place, user: str, users: list[dict[str, Any]]) -> None:
    with pytest.raises(SetupProblem, match=r"there (is no user dave|are no users yet)"):
        list_users(given(user), Functions(users), place)


@pytest.mark.parametrize(("hours", "fields"), [("", {}), ("1.5", {"overlapHours": 1.5})])
def test_a_rotated_key_is_replaced_by_one_that_alone_is_printed(
    place: Place, capsys: pytest.CaptureFixture[str], hours: str, fields: dict[str, Any]
) -> None:
    rotate(given(key="k-1", hours=hours), functions := Functions(), place)
    assert functions.asked == [("rotate-key", {"keyId": "k-1", **fields})]
    assert capsys.readouterr().out == "vsl_secret\n"


@pytest.mark.parametrize(("user", "key", "meant"), [("", "k-1", "k-1"), ("", "cccc", "k-3"), ("bob", "aaaa", "k-4")])
def test_a_key_is_revoked_by_its_id_or_its_last_characters(
    place: Place, capsys: pytest.CaptureFixture[str], user: str, key: str, meant: str
) -> None:
    revoke(given(user, key), functions := Functions(), place)
    assert functions.asked == [("revoke-key", {"keyId": meant})]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("user", "key", "problem"),
    [
        ("", "aaaa", "2 keys end in aaaa: give the id"),
        ("", "bbbb", "there is no key bbbb in force"),
        ("bob", "cccc", "there is no key cccc in force"),
        ("", "k-17", "there is no key k-17 in force"),
    ],
)
@pytest.mark.parametrize("act", [rotate, revoke])
def test_a_key_that_is_not_exactly_one_is_left_alone(place: Place, act: Any, user: str, key: str, problem: str) -> None:
    with pytest.raises(SetupProblem, match=rf"{problem} \(make access ENV=homolog ACTION=list shows them\)"):
        act(given(user, key), functions := Functions(), place)
    assert functions.asked == []


def test_hours_that_are_none_are_refused(place: Place) -> None:
    with pytest.raises(SetupProblem, match="HOURS=soon is not a number"):
        rotate(given(key="k-1", hours="soon"), functions := Functions(), place)
    assert functions.asked == []


def test_a_user_can_be_made_without_a_key_and_a_key_without_a_new_user(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    make_user(given("dave"), functions := Functions(), place)
    make_key(given("bob"), functions, place)
    assert functions.asked == [("create-user", {"name": "dave"}), ("create-key", {"userId": "u-2", "name": "bob"})]
    assert capsys.readouterr().out == "vsl_secret\n"

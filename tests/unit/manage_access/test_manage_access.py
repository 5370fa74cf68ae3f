"""Users and API keys: what the deployer can get wrong, and what is answered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from manage_access.flow import LONGEST_OVERLAP_HOURS, manage_access
from mediagen.access_keys import hash_key, is_well_formed
from mediagen.refusals import InvalidRequest
from unit.samples import NOW

USER = "0198c0de-0000-4000-8000-000000000001"
KEY = "0198c0de-0000-4000-8000-000000000002"


@dataclass
class Access:
    """Records of users and keys that keep what they are given."""

    knows: bool = True
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    users: list[tuple[Any, ...]] = field(default_factory=list)
    ended: list[tuple[str, datetime]] = field(default_factory=list)

    def add_user(self, *user: Any) -> None:
        """Record a user."""
        self.users.append(user)

    def add_key(self, *key: Any) -> bool:
        """Record a key."""
        if self.knows:
            self.keys.append(key)
        return self.knows

    def expire_key(self, key_id: str, ends: datetime) -> dict[str, Any] | None:
        """Let a key end."""
        self.ended.append((key_id, ends))
        return {"userId": USER, "name": "laptop"} if self.knows else None

    def revoke_key(self, key_id: str, now: datetime) -> bool:
        """End a key at once."""
        self.ended.append((key_id, now))
        return self.knows

    def list(self) -> Any:
        """List users."""
        return [{"userId": UUID(USER), "name": "a", "createdAt": NOW, "keys": []}]


def run(event: dict[str, Any], access: Access | None = None) -> dict[str, Any]:
    """Do what an event says."""
    records: Any = access or Access()
    return manage_access(event, now=NOW, key_prefix="vsl_homolog", records=records)


@pytest.mark.parametrize("action", [None, "", "delete-user", "LIST", 3, ["list"], {}])
def test_an_unknown_action_is_answered_with_those_there_are(action: object) -> None:
    with pytest.raises(InvalidRequest, match="create-user, create-key, list, rotate-key, revoke-key"):
        run({"action": action})


@pytest.mark.parametrize("name", [None, "", "x" * 201, 5, ["a"]])
def test_a_user_needs_a_name_of_1_to_200_characters(name: object) -> None:
    with pytest.raises(InvalidRequest, match="name must be a text of 1 to 200 characters"):
        run({"action": "create-user", "name": name})


@pytest.mark.parametrize(
    ("action", "name"), [("create-key", "userId"), ("rotate-key", "keyId"), ("revoke-key", "keyId")]
)
@pytest.mark.parametrize("value", [None, "", "x", 5, "0198c0de", "' OR 1=1 --", {"a": 1}])
def test_a_malformed_id_is_named(action: str, name: str, value: object) -> None:
    access = Access()
    with pytest.raises(InvalidRequest, match=name):
        run({"action": action, name: value}, access)
    assert (access.keys, access.ended) == ([], [])


@pytest.mark.parametrize(
    "hours", [-1, -0.001, "24", None, True, [], float("nan"), float("inf"), LONGEST_OVERLAP_HOURS + 1, 10**30]
)
def test_an_overlap_that_makes_no_sense_is_refused_before_anything_ends(hours: object) -> None:
    access = Access()
    with pytest.raises(InvalidRequest, match="overlapHours"):
        run({"action": "rotate-key", "keyId": KEY, "overlapHours": hours}, access)
    assert access.ended == []


@pytest.mark.parametrize(
    "event",
    [
        {"action": "create-key", "userId": USER},
        {"action": "rotate-key", "keyId": KEY},
        {"action": "revoke-key", "keyId": KEY},
    ],
)
def test_what_is_not_there_is_said(event: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="there is no such"):
        run(event, Access(knows=False))


def test_a_user_is_made() -> None:
    access = Access()
    answer = run({"action": "create-user", "name": "Ada"}, access)
    assert access.users == [(answer["userId"], "Ada", NOW)]


def test_a_key_is_shown_once_and_only_its_hash_is_kept() -> None:
    access = Access()
    answer = run({"action": "create-key", "userId": USER.upper()}, access)
    assert is_well_formed(answer["apiKey"])
    assert answer["apiKey"].startswith("vsl_homolog_")
    kept = (answer["keyId"], USER, hash_key(answer["apiKey"]), answer["apiKey"][-4:], "default", NOW)
    assert access.keys == [kept]
    assert answer["apiKey"] not in map(str, kept)


@pytest.mark.parametrize(("hours", "ends"), [({}, 24), ({"overlapHours": 0}, 0), ({"overlapHours": 1.5}, 1.5)])
def test_a_rotated_key_goes_on_for_a_while_beside_the_new_one(hours: dict[str, Any], ends: float) -> None:
    access = Access()
    answer = run({"action": "rotate-key", "keyId": KEY} | hours, access)
    assert access.ended == [(KEY, NOW + timedelta(hours=ends))]
    [(key_id, user_id, _, _, name, _)] = access.keys
    assert (answer["keyId"], answer["userId"], user_id, name) == (key_id, USER, USER, "laptop")


def test_a_revoked_key_ends_now() -> None:
    access = Access()
    assert run({"action": "revoke-key", "keyId": KEY}, access) == {
        "keyId": KEY,
        "revokedAt": "2026-11-22T17:00:00.123Z",
    }
    assert access.ended == [(KEY, NOW)]


def test_users_are_listed_in_json() -> None:
    assert run({"action": "list"}) == {
        "users": [{"userId": USER, "name": "a", "createdAt": "2026-11-22T17:00:00.123Z", "keys": []}]
    }

"""Users and API keys: a deployer's mistakes, and the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from manage_access.flow import LONGEST_OVERLAP_HOURS, Ports, manage_access
from mediagen.access.api_keys import hash_key, is_well_formed
from mediagen.errors.refusals import InvalidRequest
from mediagen.models.catalogue import Catalogue
from mediagen.times import iso
from unit.samples import NOW

USER = "0198c0de-0000-4000-8000-000000000001"
KEY = "0198c0de-0000-4000-8000-000000000002"
NO_LIMITS: dict[str, object] = {"ratePerHour": None, "concurrentJobs": None, "monthlyBudget": None}
KEY_HASH = bytes(32)


@dataclass
class Access:
    """Records of users and keys in memory."""

    knows: bool = True
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    users: list[tuple[Any, ...]] = field(default_factory=list)
    ended: list[tuple[str, datetime]] = field(default_factory=list)
    limits: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def add_user(self, *user: Any) -> None:
        self.users.append(user)

    def add_key(self, *key: Any) -> bool:
        if self.knows:
            self.keys.append(key)
        return self.knows

    def expire_key(self, key_id: str, ends: datetime) -> dict[str, Any] | None:
        self.ended.append((key_id, ends))
        return {"userId": USER, "name": "laptop", "key_hash": KEY_HASH} if self.knows else None

    def revoke_key(self, key_id: str, now: datetime) -> bytes | None:
        self.ended.append((key_id, now))
        return KEY_HASH if self.knows else None

    def set_limits(self, user_id: str, limits: dict[str, object]) -> dict[str, Any] | None:
        self.limits.append((user_id, limits))
        return NO_LIMITS | limits if self.knows else None

    def list(self) -> Any:
        limits = {"ratePerHour": 50, "concurrentJobs": None, "monthlyBudget": Decimal("12.500000")}
        return [{"userId": UUID(USER), "name": "a", "createdAt": NOW, "keys": []} | limits]


@dataclass
class Entries(Catalogue):
    """A catalogue that records its new entries."""

    kept: list[tuple[Any, ...]] = field(default_factory=list)

    def put(self, media_type: str, model_id: str, configuration: Mapping[str, Any] | None, now: datetime) -> None:
        assert now == NOW
        self.kept.append((media_type, model_id, configuration))


@dataclass
class Known:
    """The cache of valid keys, in a Redis that may be down."""

    is_away: bool = False
    forgotten: list[bytes] = field(default_factory=list)

    def forget(self, key_hash: bytes) -> bool:
        """Remove a key from the cache."""
        self.forgotten.append(key_hash)
        return not self.is_away


def run(event: dict[str, Any], access: Access | None = None, known: Known | None = None) -> dict[str, Any]:
    given: Any = access or Access(), known or Known(), Entries()
    return manage_access(event, now=NOW, key_prefix="vsl_homolog", ports=Ports(*given))


@pytest.mark.parametrize("event", [{"action": "revoke-key"}, {"action": "rotate-key", "overlapHours": 0}], ids=str)
@pytest.mark.parametrize("is_away", [False, True])
def test_a_revoked_key_leaves_the_cache_and_an_unreachable_cache_is_named(event: dict[str, Any], is_away: bool) -> None:
    known = Known(is_away)
    answer = run(event | {"keyId": USER}, known=known)
    assert known.forgotten == [KEY_HASH]
    assert answer.get("knownUntil") == (iso(NOW + timedelta(hours=1)) if is_away else None)


@pytest.mark.parametrize("action", [None, "", "delete-user", "LIST", 3, ["list"], {}])
def test_an_unknown_action_is_answered_with_those_there_are(action: object) -> None:
    with pytest.raises(InvalidRequest, match="create-user, create-key, list, rotate-key, revoke-key, set-limits"):
        run({"action": action})


@pytest.mark.parametrize("name", [None, "", "x" * 201, 5, ["a"]])
def test_a_user_needs_a_name_of_1_to_200_characters(name: object) -> None:
    with pytest.raises(InvalidRequest, match="name must be a text of 1 to 200 characters"):
        run({"action": "create-user", "name": name})


@pytest.mark.parametrize(
    ("action", "name"),
    [("create-key", "userId"), ("rotate-key", "keyId"), ("revoke-key", "keyId"), ("set-limits", "userId")],
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
        {"action": "set-limits", "userId": USER, "ratePerHour": 1},
    ],
)
def test_a_missing_user_or_key_is_reported(event: dict[str, Any]) -> None:
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
        "users": [
            {
                "userId": USER,
                "name": "a",
                "createdAt": "2026-11-22T17:00:00.123Z",
                "keys": [],
                "limits": {"ratePerHour": 50, "concurrentJobs": None, "monthlyBudget": 12.5},
            }
        ]
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"ratePerHour": 1}, {"ratePerHour": 1}),
        ({"concurrentJobs": 1_000_000, "ratePerHour": None}, {"concurrentJobs": 1_000_000, "ratePerHour": None}),
        ({"monthlyBudget": 0}, {"monthlyBudget": Decimal(0)}),
        ({"monthlyBudget": 0.1}, {"monthlyBudget": Decimal("0.1")}),
        ({"monthlyBudget": 1e-06}, {"monthlyBudget": Decimal("0.000001")}),
        ({"monthlyBudget": 999_999.99}, {"monthlyBudget": Decimal("999999.99")}),
    ],
)
def test_only_limits_that_are_given_are_set(given: dict[str, Any], kept: dict[str, object]) -> None:
    access = Access()
    answer = run({"action": "set-limits", "userId": USER} | given, access)
    assert access.limits == [(USER, kept)]
    assert answer == {"userId": USER, "limits": NO_LIMITS | given}


@pytest.mark.parametrize("name", ["ratePerHour", "concurrentJobs"])
@pytest.mark.parametrize("value", [0, -1, 1.5, 2.0, "5", True, [], {}, 1_000_001, float("nan")])
def test_a_number_of_jobs_that_makes_no_sense_is_refused(name: str, value: object) -> None:
    refused_limit(name, value, "must be a whole number from 1 to 1000000, or null")


@pytest.mark.parametrize("value", [-0.01, 1_000_000, "5", True, [], 0.0000001, float("nan"), float("inf"), 10**400])
def test_a_budget_that_makes_no_sense_is_refused(value: object) -> None:
    refused_limit("monthlyBudget", value, "must be US dollars from 0 to below 1000000, to 0.000001 at most, or null")


def test_no_limit_at_all_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="give one of ratePerHour, concurrentJobs, monthlyBudget at least"):
        run({"action": "set-limits", "userId": USER, "rate": 5})


def refused_limit(name: str, value: object, told: str) -> None:
    """Check that a value is refused, together with the others in the same request."""
    access = Access()
    with pytest.raises(InvalidRequest, match=f"{name} {told}"):
        run({"action": "set-limits", "userId": USER, "ratePerHour": 5, "concurrentJobs": 5, name: value}, access)
    assert access.limits == []

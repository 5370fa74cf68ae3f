"""Users and keys, from the deployer's call to the authorizer's verdict."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from authorize.handler import lambda_handler as authorize
from integration.conftest import Logged
from integration.flows.events import Context, authorizer_event
from integration.flows.world import World
from integration.wire import closed_port, silent_server
from manage_access.handler import lambda_handler as manage_access
from mediagen.access.api_keys import new_key
from mediagen.errors.refusals import InvalidRequest, Unavailable

NOBODY = {"isAuthorized": True, "context": {"userId": ""}}


def manage(**event: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(json.dumps(manage_access(event, Context())))  # as Lambda passes it on
    return answer


def verdict(authorization: str, name: str = "Authorization") -> object:
    return authorize(authorizer_event({name: authorization}), Context(5))


@pytest.fixture
def key(world: World) -> dict[str, Any]:
    user = manage(action="create-user", name="Ada")
    return manage(action="create-key", userId=user["userId"], name="laptop")


def test_a_new_key_names_its_user(key: dict[str, Any]) -> None:
    assert key["apiKey"].startswith("vsl_test_")
    for header in (f"Bearer {key['apiKey']}", f"bearer   {key['apiKey']} "):
        assert verdict(header) == {"isAuthorized": True, "context": {"userId": key["userId"]}}


def test_only_the_hash_of_a_key_is_stored(world: World, key: dict[str, Any]) -> None:
    [[row]] = world.sql.run("SELECT CAST(to_jsonb(api_keys) AS text) FROM api_keys")
    assert key["apiKey"] not in row
    assert key["apiKey"][-4:] in row


@pytest.mark.parametrize(
    "change", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer x{}", "Bearer {} {}"]
)
def test_a_malformed_key_has_no_user(key: dict[str, Any], change: str) -> None:
    assert verdict(change.replace("{}", key["apiKey"])) == NOBODY


def test_an_unknown_key_has_no_user(world: World) -> None:
    assert verdict(f"Bearer {new_key('vsl_test')}") == NOBODY
    assert verdict("Bearer " + "a" * 10_000) == NOBODY
    assert authorize(authorizer_event({}), Context(5)) == NOBODY


def test_a_revoked_key_has_no_user(key: dict[str, Any]) -> None:
    manage(action="revoke-key", keyId=key["keyId"])
    assert verdict(f"Bearer {key['apiKey']}") == NOBODY


def test_a_rotated_key_works_on_beside_the_new_one_for_a_while(key: dict[str, Any]) -> None:
    new = manage(action="rotate-key", keyId=key["keyId"], overlapHours=1)
    named = [verdict(f"Bearer {one['apiKey']}") for one in (key, new)]
    assert named == [{"isAuthorized": True, "context": {"userId": key["userId"]}}] * 2


def test_a_key_rotated_at_once_ends_at_once(key: dict[str, Any]) -> None:
    new = manage(action="rotate-key", keyId=key["keyId"], overlapHours=0)
    assert verdict(f"Bearer {key['apiKey']}") == NOBODY
    assert verdict(f"Bearer {new['apiKey']}") != NOBODY


def test_the_list_shows_keys_by_all_but_themselves(world: World, key: dict[str, Any]) -> None:
    users = {user["name"]: user for user in manage(action="list")["users"]}
    assert [one["lastFour"] for one in users["Ada"]["keys"]] == [key["apiKey"][-4:]]
    assert key["apiKey"] not in json.dumps(users)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"action": "drop"},
        {"action": "create-user"},
        {"action": "create-user", "name": ""},
        {"action": "create-key", "userId": "x"},
        {"action": "create-key", "userId": "019aac7c-0000-7000-8000-000000000000"},
        {"action": "revoke-key", "keyId": "019aac7c-0000-7000-8000-000000000000"},
        {"action": "rotate-key", "keyId": "019aac7c-0000-7000-8000-000000000000"},
        {"action": "rotate-key", "keyId": "019aac7c-0000-7000-8000-000000000000", "overlapHours": -1},
    ],
    ids=str,
)
def test_a_call_that_makes_no_sense_is_refused(world: World, event: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        manage(**event)


@pytest.fixture
def gone(world: World, restart: Callable[..., None]) -> Callable[[], None]:
    """Make PostgreSQL unavailable for the functions."""
    world.cloud.parameter("/vsl-test/no-database", f"postgresql://a:b@127.0.0.1:{closed_port()}/c?sslmode=disable")
    return lambda: restart(DATABASE_URL_PARAMETER="/vsl-test/no-database")


def test_without_the_database_an_uncached_key_gets_no_verdict(
    world: World, key: dict[str, Any], gone: Callable[[], None], logged: Logged
) -> None:
    """The API caches a "no user" verdict for five minutes, but no error."""
    gone()
    with pytest.raises(Unavailable):
        verdict(f"Bearer {key['apiKey']}")
    assert logged()[-1]["level"] == "ERROR"


def test_without_the_database_a_cached_key_is_valid_and_counted(
    world: World, key: dict[str, Any], gone: Callable[[], None], logged: Logged
) -> None:
    before = verdict(f"Bearer {key['apiKey']}")
    gone()
    assert verdict(f"Bearer {key['apiKey']}") == before
    assert [line["metadata"]["part"] for line in logged() if line["action"] == "degraded"] == ["database"]


@pytest.mark.parametrize("how", [{"action": "revoke-key"}, {"action": "rotate-key", "overlapHours": 0}], ids=str)
def test_a_revoked_key_is_refused_also_without_the_database(
    key: dict[str, Any], gone: Callable[[], None], how: dict[str, Any]
) -> None:
    verdict(f"Bearer {key['apiKey']}")
    manage(**how, keyId=key["keyId"])
    gone()
    with pytest.raises(Unavailable):
        verdict(f"Bearer {key['apiKey']}")


def test_a_hanging_database_leaves_time_for_the_cached_verdict(
    world: World, key: dict[str, Any], restart: Callable[..., None]
) -> None:
    before = verdict(f"Bearer {key['apiKey']}")
    with silent_server() as silent:
        world.cloud.parameter("/vsl-test/no-database", f"postgresql://a:b@127.0.0.1:{silent.port}/c?sslmode=disable")
        restart(DATABASE_URL_PARAMETER="/vsl-test/no-database")
        assert verdict(f"Bearer {key['apiKey']}") == before
        assert silent.connections == 1

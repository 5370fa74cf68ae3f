"""Entries of the catalogue: the deployer sees what is invalid, clients do not."""

from typing import Any

import pytest

from manage_access.models import LONGEST_ENTRY, put_model
from mediagen.errors.refusals import InvalidRequest
from unit.manage_access.test_manage_access import Entries
from unit.samples import NOW

SCHEMA = {"required": ["prompt"], "properties": {"prompt": {"type": "string"}, "size": {"enum": ["S", "L"]}}}
ENTRY: dict[str, Any] = {
    "version": f"owner/name:{64 * 'a'}",
    "pricing": 0.003,
    "estimatedTime": 5,
    "supportedParams": ["prompt", "size"],
    "inputSchema": SCHEMA,
}


def put(entry: object, **changes: object) -> tuple[dict[str, Any], Entries]:
    catalogue = Entries()
    event = {"mediaType": "image", "modelId": "flux-dev", "configuration": entry} | changes
    return put_model(event, now=NOW, catalogue=catalogue), catalogue


def wrong(entry: object, **changes: object) -> str:
    with pytest.raises(InvalidRequest) as caught:
        put(entry, **changes)
    return caught.value.detail


@pytest.mark.parametrize("version", [ENTRY["version"], "owner/name", 64 * "0"])
def test_an_entry_is_put_as_it_is(version: str) -> None:
    answer, catalogue = put(ENTRY | {"version": version})
    assert answer == {"mediaType": "image", "modelId": "flux-dev", "isOffered": True}
    assert catalogue.kept == [("image", "flux-dev", ENTRY | {"version": version})]


def test_null_removes_a_model() -> None:
    answer, catalogue = put(None)
    assert (answer["isOffered"], catalogue.kept) == (False, [("image", "flux-dev", None)])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": "name"}, "version must be owner/name"),
        ({"version": "owner/name:latest"}, "version must be owner/name"),
        ({"pricing": None}, "pricing must be dollars"),
        ({"pricing": -1}, "pricing must be dollars"),
        ({"pricing": True}, "pricing must be dollars"),
        ({"estimatedTime": None}, "estimatedTime must be seconds"),
        ({"estimatedTime": 0}, "estimatedTime must be seconds"),
        ({"deadlineSeconds": "60"}, "deadlineSeconds must be seconds"),
        ({"supportedParams": "prompt"}, "supportedParams must be a list"),
        ({"supportedParams": ["a b"]}, "supportedParams must be a list"),
        ({"inputSchema": []}, "inputSchema must be an object"),
        ({"defaults": 1}, "defaults must be an object"),
        ({"more": 1}, "a model has no more"),
        ({"inputSchema": {"properties": {"prompt": {"type": "text"}}}}, "inputSchema is no JSON Schema"),
        (
            {"inputSchema": {"properties": {"prompt": {"type": "string", "pattern": "("}}}},
            "inputSchema is no JSON Schema",
        ),
        ({"inputSchema": {"properties": {"prompt": 7}}}, "inputSchema is no JSON Schema"),
        (
            {"inputSchema": {"required": ["prompt"], "properties": {"prompt": {"enum": [1], "type": "string"}}}},
            "example",
        ),
        ({"defaults": {"prompt": "x" * LONGEST_ENTRY}}, "configuration must be an object of up to"),
    ],
)
def test_an_invalid_entry_is_reported_and_not_stored(change: dict[str, Any], told: str) -> None:
    assert told in wrong(ENTRY | change)


def test_all_errors_of_an_entry_are_reported_at_once() -> None:
    assert wrong({}).count("must be") == 4
    assert wrong(ENTRY, mediaType="text", modelId="A B").count("must be") == 2
    assert "configuration must be an object" in wrong([])

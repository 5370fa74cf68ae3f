"""A model's entry from its schema: validated params, and the description for clients."""

from typing import Any

import pytest

from common.problems import SetupProblem
from deploy.model_entry import LONGEST_WORDS, entry_of, media_type_of, reduce, shortened

ENUM = {"type": "string", "title": "size", "enum": ["S", "L"], "description": "An enumeration."}
REF = "#/components/schemas/size"
COUNT = {"type": "integer", "minimum": 0, "maximum": 4, "default": 0, "title": "Count"}
SCHEMAS: dict[str, Any] = {"size": ENUM, "alias": {"$ref": REF}}
PROMPT = {"type": "string", "title": "Prompt", "x-order": 0, "description": "What to draw. In English."}


def model(properties: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    schema = {"required": ["prompt"], "properties": properties or {"prompt": PROMPT}}
    version = {"id": "a" * 64, "openapi_schema": {"components": {"schemas": SCHEMAS | {"Input": schema}}}}
    return {"owner": "acme", "name": "draw", "is_official": True, "latest_version": version} | changes


def entry(made: dict[str, Any]) -> dict[str, Any]:
    return entry_of(made, pricing=0.5, estimated_seconds=9).entry


@pytest.mark.parametrize(
    ("definition", "kept"),
    [
        (PROMPT, {"description": "What to draw", "type": "string"}),
        (
            {"allOf": [{"$ref": REF}], "default": "S", "x-order": 1, "description": "How large"},
            {"description": "How large", "enum": ["S", "L"], "default": "S"},
        ),
        ({"$ref": "#/components/schemas/alias"}, {"enum": ["S", "L"]}),
        ({"type": "integer", "nullable": True, "default": None, "title": "Seed"}, {"type": "integer"}),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, {"type": "integer", "minimum": 1}),
        ({"anyOf": [{"$ref": REF}, {"type": "null"}], "default": "L"}, {"enum": ["S", "L"], "default": "L"}),
        ({"type": "string", "format": "uri"}, {"type": "string", "format": "uri"}),
        ({"type": "string", "format": "date"}, {"type": "string"}),
        ({"type": "string", "default": ""}, {"type": "string"}),
        ({"type": "boolean", "default": False}, {"type": "boolean", "default": False}),
        (COUNT, {"type": "integer", "minimum": 0, "maximum": 4, "default": 0}),
        (
            {"type": "array", "items": {"type": "string", "format": "uri", "title": "x"}, "default": []},
            {"type": "array", "default": [], "items": {"type": "string", "format": "uri"}},
        ),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, None),
    ],
)  # fmt: skip
def test_of_a_parameter_that_is_kept_which_is_used(definition: dict[str, Any], kept: dict[str, Any] | None) -> None:
    assert reduce(definition, SCHEMAS) == kept


def test_parameters_stand_in_the_models_own_order() -> None:
    properties = {"b": {"type": "string", "x-order": 2}, "a": {"type": "string", "x-order": 1}, "prompt": PROMPT}
    assert entry(model(properties)) == {
        "version": "acme/draw",
        "pricing": 0.5,
        "estimatedTime": 9,
        "supportedParams": ["prompt", "a", "b"],
        "inputSchema": {
            "required": ["prompt"],
            "properties": {
                "prompt": {"description": "What to draw", "type": "string"},
                "a": {"type": "string"},
                "b": {"type": "string"},
            },
        },
    }


def test_only_the_version_of_an_official_model_is_left_to_replicate() -> None:
    assert entry(model(is_official=False))["version"] == f"acme/draw:{'a' * 64}"


def test_the_models_own_example_is_the_example() -> None:
    made = entry(model(default_example={"input": {"prompt": "a boat"}}))
    assert made["inputSchema"]["properties"]["prompt"]["examples"] == ["a boat"]
    long = entry(model(default_example={"input": {"prompt": "a boat " * 100}}))
    assert "examples" not in long["inputSchema"]["properties"]["prompt"]


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("disable_safety_checker", {"type": "boolean"}),
        ("openai_api_key", {"type": "string"}),
        ("token", {"type": "string", "format": "password", "x-cog-secret": True}),
    ],
)
def test_secrets_and_safety_are_not_offered(name: str, definition: dict[str, Any]) -> None:
    made = entry_of(model({"prompt": PROMPT, name: definition}), pricing=None, estimated_seconds=None)
    assert (made.left_out, made.entry["supportedParams"]) == ([name], ["prompt"])


def test_of_a_parameter_of_several_kinds_only_the_name_is_checked() -> None:
    either = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    made = entry(model({"prompt": PROMPT, "either": either}))
    assert made["supportedParams"] == ["prompt", "either"]
    assert list(made["inputSchema"]["properties"]) == ["prompt"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"latest_version": None, "is_official": False}, "acme/draw has no version that can run"),
        ({"latest_version": None}, "Replicate has no input schema for acme/draw"),
        (
            {"latest_version": {"id": "a", "openapi_schema": None}},
            "Replicate has no input schema for acme/draw",
        ),
        ({"latest_version": {"id": "a", "openapi_schema": {"components": {}}}}, "Replicate has no input schema"),
    ],
)
def test_a_model_that_cannot_be_run_or_described_is_reported(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SetupProblem, match=told):
        entry(model(**changes))


@pytest.mark.parametrize(
    ("output", "media_type"),
    [("https://x/a.mp4", "video"), (["https://x/a.webp", 1], "image"), ("https://x/a.WAV", "audio"), (None, None),
     ([], None), ({}, None)],
)  # fmt: skip
def test_what_a_model_makes_is_guessed_from_its_example(output: object, media_type: str | None) -> None:
    assert media_type_of({"default_example": {"output": output}}) == media_type
    assert media_type_of({"default_example": None}) is None


def test_a_description_is_its_first_sentence_or_what_fits() -> None:
    assert shortened(" One.  Two. ") == "One"
    assert shortened("At 1.5 it ends") == "At 1.5 it ends"
    long = shortened("word " * 50)
    assert len(long) <= LONGEST_WORDS
    assert long.endswith("word…")

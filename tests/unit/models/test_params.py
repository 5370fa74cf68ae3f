"""A model's parameters are checked before anything is spent."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.errors.refusals import InvalidFields
from mediagen.models.catalogue import Model, read_model
from mediagen.models.input_schemas import MAX_TEXT
from mediagen.models.params import checked_params
from unit.samples import MODEL

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 10},
        "fps": {"type": "integer", "minimum": 3, "maximum": 30},
        "step": {"type": "number", "multipleOf": 0.5},
        "even": {"type": "integer", "multipleOf": 2},
        "format": {"enum": ["png", "webp"]},
        "size": {"$ref": "#/definitions/size"},
        "points": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": "object", "properties": {"x": {"type": "number"}}},
        },
        "extra": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}},
    },
    "definitions": {"size": {"type": "string", "pattern": "^[0-9]+x[0-9]+$"}},
}
WITH_SCHEMA = read_model("video", "m", {"version": "o/n", "inputSchema": SCHEMA})
TEXTS = st.text(max_size=10)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def errors(model: Model, params: dict[str, Any]) -> list[tuple[str, str, object]]:
    """Return path, code and allowed values of each error."""
    with pytest.raises(InvalidFields) as caught:
        checked_params(model, params)
    assert caught.value.status == 422
    assert all(error.message.startswith(error.path) for error in caught.value.errors)
    return [(error.path, error.code, error.allowed) for error in caught.value.errors]


@pytest.mark.parametrize("value", ["text", "", 1, 1.5, True, ["a", 1], "x" * MAX_TEXT])
def test_without_a_schema_every_plain_value_of_a_known_name_is_taken(value: object) -> None:
    assert checked_params(MODEL, {"prompt": value}) == {"prompt": value}


def test_without_a_schema_unknown_names_long_texts_and_objects_are_refused_all_at_once() -> None:
    plain = ["string", "number", "boolean", "array"]
    assert errors(MODEL, {"prompt": "x" * (MAX_TEXT + 1), "seed": {"a": 1}, "size": 1, "Prompt": 1}) == [
        ("params.prompt", "maxLength", MAX_TEXT),
        ("params.seed", "type", plain),
        ("params.size", "unknown", ["prompt", "seed"]),
        ("params.Prompt", "unknown", ["prompt", "seed"]),
    ]
    assert errors(MODEL, {"seed": None}) == [("params.seed", "type", plain)]


def test_a_model_without_params_takes_none() -> None:
    model = replace(MODEL, supported_params=())
    assert checked_params(model, {}) == {}
    assert errors(model, {"prompt": "x"}) == [("params.prompt", "unknown", [])]


def test_with_a_schema_every_error_is_named_with_its_rule() -> None:
    wrong = {"fps": 31, "format": "gif", "size": "big", "step": 0.3, "points": [{}, {"x": "1"}], "nonsense": 1}
    assert errors(WITH_SCHEMA, wrong) == [
        ("params.prompt", "required", None),
        ("params.fps", "maximum", 30),
        ("params.format", "enum", ["png", "webp"]),
        ("params.size", "pattern", "^[0-9]+x[0-9]+$"),
        ("params.step", "multipleOf", 0.5),
        ("params.points[1].x", "type", "number"),
        ("params.nonsense", "unknown", sorted(SCHEMA["properties"])),
    ]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"prompt": 1}, ("params.prompt", "type", "string")),
        ({"prompt": ""}, ("params.prompt", "minLength", 1)),
        ({"prompt": "x" * 11}, ("params.prompt", "maxLength", 10)),
        ({"prompt": None}, ("params.prompt", "type", "string")),
        ({"prompt": "x", "fps": True}, ("params.fps", "type", "integer")),
        ({"prompt": "x", "fps": "6"}, ("params.fps", "type", "integer")),
        ({"prompt": "x", "fps": 6.5}, ("params.fps", "type", "integer")),
        ({"prompt": "x", "fps": 2}, ("params.fps", "minimum", 3)),
        ({"prompt": "x", "fps": 2**64 - 1}, ("params.fps", "maximum", 30)),
        ({"prompt": "x", "even": 2**64 - 1}, ("params.even", "multipleOf", 2)),
        ({"prompt": "x", "points": [1, 2, 3]}, ("params.points", "maxItems", 2)),
        ({"prompt": "x", "extra": {"b": 1, "{a}": 2}}, ("params.extra", "additionalProperties", False)),
    ],
)
def test_each_rule_of_a_schema_holds(params: dict[str, Any], error: tuple[str, str, object]) -> None:
    assert errors(WITH_SCHEMA, params) == [error]


def test_params_that_fit_their_schema_are_sent_as_they_are() -> None:
    params = {"prompt": "a", "fps": 30, "step": 1.5, "even": 4, "format": "png", "size": "16x9", "points": [{"x": 1}]}
    assert checked_params(WITH_SCHEMA, params) == params


def test_defaults_stand_where_the_client_says_nothing_and_satisfy_what_is_required() -> None:
    model = replace(WITH_SCHEMA, defaults={"fps": 6, "prompt": "a"})
    assert checked_params(model, {}) == {"fps": 6, "prompt": "a"}
    assert checked_params(model, {"fps": 7}) == {"fps": 7, "prompt": "a"}
    assert model.defaults == {"fps": 6, "prompt": "a"}


def test_a_schemas_own_defaults_are_left_to_the_model() -> None:
    schema = {"properties": {"fps": {"type": "integer", "default": 6}}}
    model = read_model("video", "m", {"version": "o/n", "inputSchema": schema})
    assert checked_params(model, {}) == {}


def test_supported_params_narrow_a_schema_and_go_beyond_it() -> None:
    entry = {"version": "o/n", "inputSchema": SCHEMA, "supportedParams": ["prompt", "seed"]}
    model = read_model("video", "m", entry)
    assert checked_params(model, {"prompt": "a", "seed": 1}) == {"prompt": "a", "seed": 1}
    assert errors(model, {"prompt": "", "fps": 6}) == [
        ("params.prompt", "minLength", 1),
        ("params.fps", "unknown", ["prompt", "seed"]),
    ]


@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "other"]), VALUES))
def test_any_request_is_either_accepted_or_refused(params: dict[str, Any]) -> None:
    for model in (WITH_SCHEMA, MODEL):
        try:
            assert checked_params(model, params) == params
        except InvalidFields as refusal:
            assert refusal.errors

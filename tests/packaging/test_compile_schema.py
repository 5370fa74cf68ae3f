"""The generated validator has one check per property; importing it compiles nothing and loads no fastjsonschema."""

import types
from typing import Any

import pytest

from compile_schema import generate
from mediagen.http.validation import InvalidValue

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["size", "name"],
    "$defs": {"hex": {"type": "string", "pattern": "^[0-9a-f]+$"}},
    "properties": {
        "size": {"type": "number", "multipleOf": 0.5, "maximum": 10},
        "Size": {"enum": ["S", "M"]},
        "name": {"$ref": "#/$defs/hex"},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/hex"}, "maxItems": 2},
        'quoted "name" \'': {"type": "boolean", "default": True},
        "notes": {"propertyNames": {"maxLength": 3}, "additionalProperties": {"type": ["string", "number"]}},
    },
}


@pytest.fixture
def validator() -> Any:
    module = types.ModuleType("request_validator")
    exec(compile(generate(SCHEMA), "request_validator.py", "exec"), vars(module))
    return module


def test_each_property_has_its_own_check(validator: Any) -> None:
    assert list(validator.PROPERTIES) == list(SCHEMA["properties"])
    assert validator.REQUIRED == ("size", "name")


@pytest.mark.parametrize(
    ("name", "value"), [("size", 1.5), ("Size", "S"), ("name", "c0ffee"), ("tags", ["a", "b"]), ("notes", {"a": 1})]
)
def test_a_good_value_passes(name: str, value: object, validator: Any) -> None:
    validator.PROPERTIES[name](value)


@pytest.mark.parametrize(
    ("name", "value", "path", "rule"),
    [
        ("size", "1", "size", "type"),
        ("size", 10.5, "size", "maximum"),
        ("size", 1.2, "size", "multipleOf"),
        ("Size", "L", "Size", "enum"),
        ("name", "tea", "name", "pattern"),
        ("tags", ["a", "tea"], "tags[1]", "pattern"),
        ("tags", ["a", "b", "c"], "tags", "maxItems"),
        ("notes", {"four": 1}, "notes", "propertyNames"),
        ("notes", {"{a}": None}, "notes.{a}", "type"),
    ],
)
def test_a_bad_value_is_named_with_its_path_and_the_broken_rule(
    name: str, value: object, path: str, rule: str, validator: Any
) -> None:
    with pytest.raises(InvalidValue) as refused:
        validator.PROPERTIES[name](value, name_prefix=name)
    assert (refused.value.name, refused.value.rule) == (path, rule)


def test_values_are_checked_and_not_changed(validator: Any) -> None:
    value: list[str] = ["a"]
    assert validator.PROPERTIES["tags"](value) is value == ["a"]


def test_the_same_schema_gives_the_same_source() -> None:
    assert generate(SCHEMA) == generate(SCHEMA)


def test_the_validator_imports_nothing_it_does_not_use() -> None:
    plain = generate({**SCHEMA, "properties": {"word": {"type": "string", "minLength": 1}}, "required": []})
    imports = [line for line in plain.splitlines() if line.startswith(("import", "from"))]
    assert imports == [
        "from collections.abc import Callable",
        "from mediagen.http.validation import InvalidValue as JsonSchemaValueException",
    ]
    assert "do not edit" in plain.splitlines()[0]

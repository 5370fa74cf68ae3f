"""Check JSON against a schema and report every fault in the words Replicate uses.

Replicate's `invalid_fields` are those of the Go library gojsonschema (recorded answers), which
no Python validator reproduces; the few keywords that model schemas use are checked here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Schema = Mapping[str, Any]
Field = dict[str, str]

_IS: dict[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int | float) and not isinstance(v, bool) and v.is_integer(),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
}


def invalid_fields(value: Any, schema: Schema, field: str = "") -> list[Field]:
    """Return one entry {type, field, description} for each way value contradicts schema."""
    if value is None and schema.get("nullable"):
        return []
    expected = schema.get("type")
    if expected and not _IS[expected](value):
        return [_entry("invalid_type", field, f"Invalid type. Expected: {expected}, given: {_name(value)}")]
    return [*_limits(value, schema, field), *_members(value, schema, field), *_items(value, schema, field)]


def _limits(value: Any, schema: Schema, field: str) -> Iterator[Field]:
    name = field.rpartition(".")[2]
    allowed = schema.get("enum")
    if allowed is not None and value not in allowed:
        choices = ", ".join(f'"{choice}"' for choice in allowed)
        yield _entry("enum", field, f"{name} must be one of the following: {choices}")
    if schema.get("format") == "uri" and not _is_uri(value):
        yield _entry("format", field, "Does not match format 'uri'")
    if "minimum" in schema and value < schema["minimum"]:
        yield _entry("number_gte", field, f"Must be greater than or equal to {schema['minimum']}")
    if "maximum" in schema and value > schema["maximum"]:
        yield _entry("number_lte", field, f"Must be less than or equal to {schema['maximum']}")


def _is_uri(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


def _members(value: Any, schema: Schema, field: str) -> Iterator[Field]:
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield _entry("required", field, f"{name} is required")
    for name, member in value.items():
        if name in known:
            yield from invalid_fields(member, known[name], f"{field}.{name}" if field else name)
        elif schema.get("additionalProperties") is False:
            description = f"Additional property {name} is not allowed"
            yield _entry("additional_property_not_allowed", field, description)


def _items(value: Any, schema: Schema, field: str) -> Iterator[Field]:
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from invalid_fields(item, schema["items"], f"{field}.{index}")


def _name(value: Any) -> str:
    return next(name for name, matches in _IS.items() if matches(value))


def _entry(kind: str, field: str, description: str) -> Field:
    return {"type": kind, "field": field, "description": description}

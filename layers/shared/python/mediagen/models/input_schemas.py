"""A model's input as clients see it: one JSON Schema of `params` with defaults, and an example that it accepts.

It describes what `generate_media` checks: supported params only, each against its own schema if it has one.
"""

from collections.abc import Mapping
from typing import Any

from mediagen.models.catalogue import Model

type Schema = Mapping[str, Any]

MAX_TEXT = 20_000  # characters of one text param, if the model's schema sets no limit
PLAIN_TYPES = ("string", "number", "boolean", "array")
_SHARED = ("definitions", "$defs")
_WORDS = {"prompt": "a lighthouse at dawn"}
_LINK = "https://example.com/input.png"


def input_schema(model: Model) -> dict[str, Any]:
    """Return the schema of a model's `params`. A param with a default is optional."""
    told = model.input_schema.get("properties", {})
    plain = {"type": list(PLAIN_TYPES), "maxLength": MAX_TEXT}
    properties = {
        name: told.get(name, plain) | ({"default": model.defaults[name]} if name in model.defaults else {})
        for name in model.supported_params
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in model.input_schema.get("required", ()) if name not in model.defaults],
        "properties": properties,
    } | {name: model.input_schema[name] for name in _SHARED if name in model.input_schema}


def example_params(schema: Schema) -> dict[str, Any]:
    """Return example values for the required params, and for the prompt, which nearly every model needs."""
    properties = schema["properties"]
    names = [name for name in properties if name in schema["required"] or name == "prompt"]
    return {name: _value(name, _whole(properties[name], schema)) for name in names}


def _whole(definition: Schema, schema: Schema) -> Schema:
    """Replace references by the definitions they refer to, as Replicate's schemas use them for enums."""
    for part in definition.get("allOf", ()):
        definition = {**_whole(part, schema), **definition}
    target: Any = schema
    for step in str(definition.get("$ref", "")).removeprefix("#/").split("/"):
        target = target.get(step, {}) if step else {}
    return {**target, **definition}


def _value(name: str, definition: Schema) -> Any:
    for known in ("default", "const"):
        if known in definition:
            return definition[known]
    for known in ("examples", "enum"):
        if definition.get(known):
            return definition[known][0]
    types = definition.get("type", "string")
    kind = types if isinstance(types, str) else types[0]
    if kind in ("integer", "number"):
        return _number(definition)
    return {"boolean": True, "array": [], "object": {}}.get(kind) if kind != "string" else _text(name, definition)


def _number(definition: Schema) -> Any:
    if "minimum" in definition:
        return definition["minimum"]
    if "exclusiveMinimum" in definition:
        return definition["exclusiveMinimum"] + 1
    return min(1, definition.get("maximum", 1))


def _text(name: str, definition: Schema) -> str:
    words = _LINK if definition.get("format") == "uri" else _WORDS.get(name, "text")
    return words[: definition.get("maxLength", len(words))].ljust(definition.get("minLength", 0), ".")

"""A model's parameters: checked before anything is spent."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mediagen.http.validation import Check, InvalidValue, find_errors, invalid_fields
from mediagen.models.catalogue import Model
from mediagen.models.input_schemas import MAX_TEXT, PLAIN_TYPES


def checked_params(model: Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params to send: the client's over the model's defaults. Raises InvalidFields naming each error."""
    failures: tuple[type[Exception], ...] = (InvalidValue,)
    checks: dict[str, Check] = dict.fromkeys(model.supported_params, _check_plain)
    if model.input_schema:
        from fastjsonschema import JsonSchemaValueException  # 12 ms, only for models with a schema

        failures = (InvalidValue, JsonSchemaValueException)
        checks |= {name: check for name, check in _compiled(json.dumps(model.input_schema)).items() if name in checks}
    params = {**model.defaults, **given}
    required = model.input_schema.get("required", ())
    errors = find_errors(params, checks, required=required, prefix="params.", failures=failures)
    if errors:
        raise invalid_fields(errors, "parameter", model.model_id)
    return params


def _check_plain(value: object, name_prefix: str = "params") -> None:
    """Check a param of which only the name is known."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        limit = {"maxLength": MAX_TEXT}
        raise InvalidValue(f"{name_prefix} is too long", value, name_prefix, limit, "maxLength")
    if isinstance(value, dict) or value is None:
        types = {"type": list(PLAIN_TYPES)}
        raise InvalidValue(f"{name_prefix} must be a plain value", value, name_prefix, types, "type")


@lru_cache(maxsize=32)
def _compiled(schema_json: str) -> dict[str, Check]:
    """Compile each property of an input schema on its own, so that all errors are found."""
    import fastjsonschema

    schema: dict[str, Any] = json.loads(schema_json)
    shared = {name: schema[name] for name in ("definitions", "$defs") if name in schema}
    return {
        name: fastjsonschema.compile(shared | definition, use_default=False)
        for name, definition in schema.get("properties", {}).items()
    }

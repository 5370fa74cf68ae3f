"""Restore the members that moto's parsers drop or convert, so that the checks see the request as sent.

moto drops members that the model does not know, and turns "5" into 5. AWS answers SerializationException to the second
and either ignores or refuses the first; both are mistakes of the caller.
"""

import json
from typing import Any

from moto.core.model import OperationModel
from moto.core.request import Request as HttpRequest

JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "float": (int, float),
}
# Every request of these protocols has them, beside the operation's own members.
QUERY_OWN = {"Action", "Version"}


def as_sent(protocol: str, operation: OperationModel, parsed: Any, body: bytes, http: HttpRequest) -> dict[str, Any]:
    """Return the parsed members with the unknown and the wrongly typed ones as they were sent."""
    members: dict[str, Any] = dict(parsed or {})
    if protocol in ("query", "ec2"):
        return members | _unknown_in_query(protocol, operation, http)
    shape = operation.input_shape
    if protocol not in ("json", "rest-json") or shape is None or not body:
        return members
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name != "structure":
        return members
    raw = json.loads(body)
    if payload:
        members[payload] = _value(shape.members[payload], raw, members.get(payload))
        return members
    return {**members, **_structure(shape, raw, members)}


def _structure(shape: Any, raw: dict[str, Any], parsed: dict[str, Any]) -> dict[str, Any]:
    known = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    found: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in known:
            found[key] = value
        elif value is not None:
            name = known[key]
            found[name] = _value(shape.members[name], value, parsed.get(name))
    return found


def _value(shape: Any, raw: Any, parsed: Any) -> Any:
    match shape.type_name:
        case "structure" if isinstance(raw, dict) and not shape.is_document_type:
            return _structure(shape, raw, parsed or {})
        case "list" if isinstance(raw, list):
            return [_value(shape.member, one, two) for one, two in zip(raw, parsed, strict=True)]
        case "map" if isinstance(raw, dict):
            return {key: _value(shape.value, value, (parsed or {}).get(key)) for key, value in raw.items()}
        case "structure" | "list" | "map":
            return raw
        case scalar:
            wanted = JSON_TYPES.get(scalar)
            fits = wanted is None or (isinstance(raw, wanted) and (scalar == "boolean" or not isinstance(raw, bool)))
            return parsed if fits else raw


def _unknown_in_query(protocol: str, operation: OperationModel, http: HttpRequest) -> dict[str, Any]:
    shape = operation.input_shape
    known = {_query_name(protocol, name, member) for name, member in shape.members.items()} if shape else set()
    return {key: value for key, value in http.form.items() if key.split(".")[0] not in known | QUERY_OWN}


def _query_name(protocol: str, name: str, member: Any) -> str:
    serialized: str = member.serialization.get("name", name)
    if protocol == "ec2":
        return str(member.serialization.get("queryName", serialized[0].upper() + serialized[1:]))
    if member.type_name == "list" and member.serialization.get("flattened"):
        return str(member.member.serialization.get("name") or serialized)
    return serialized

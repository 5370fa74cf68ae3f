"""Compare answers with docs/openapi.json and report every difference."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

type Json = dict[str, Any]

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
# Headers that any answer may have although the document does not name them.
ALWAYS = {"content-type", "cache-control"}
_BASE = "urn:openapi"
_NOT_SCHEMAS = {"example", "examples", "default", "enum", "const"}
_OF_MEMBERS, _OF_PARTS = ("items", "additionalProperties"), ("allOf", "anyOf", "oneOf")


def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time", raises=ValueError)(_is_instant)
FORMATS.checks("uri", raises=ValueError)(_is_uri)


class Judge:
    """Judges answers by one document, and more strictly: members that the document does not name are faults."""

    def __init__(self, document: Json) -> None:
        self.document: Json = _closed(document, document)
        resource = DRAFT202012.create_resource(self.document)
        self._registry: Registry[Any] = Registry().with_resource(_BASE, resource)

    def faults(self, route: str, status: int, headers: Mapping[str, str], body: str) -> list[str]:
        """Return the faults of an answer; `route` is as in terraform/api.tf."""
        method, _, path = route.partition(" ")
        operation = self.document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            return [f"{route} is not in the document"]
        answer = operation["responses"].get(str(status))
        if answer is None:
            return [f"{route} answered {status}, which the document does not know"]
        answer, given = self.whole(answer), {name.lower(): value for name, value in headers.items()}
        found = [*self._of_headers(answer.get("headers", {}), given), *self._of_body(answer, given, body)]
        return [f"{route} {status}: {fault}" for fault in found]

    def route_of(self, method: str, path: str) -> str | None:
        """Return the route that the gateway matches, or None for an unknown address."""
        for known in sorted(self.document["paths"], key=lambda each: each.count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(known))
            if re.fullmatch(pattern, path) and method.lower() in self.document["paths"][known]:
                return f"{method} {known}"
        return None

    def of_schema(self, schema: Json, value: object) -> list[str]:
        """Return how a value breaks a schema of this document."""
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
        return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]

    def whole(self, part: Json) -> Json:
        while "$ref" in part:
            at: Any = self.document
            for step in part["$ref"].removeprefix(f"{_BASE}#/").split("/"):
                at = at[step]
            part = at
        return part

    def _of_headers(self, documented: Json, given: Mapping[str, str]) -> Iterator[str]:
        known = {name.lower(): self.whole(header) for name, header in documented.items()}
        yield from (f"the header {name} is not documented" for name in given.keys() - known.keys() - ALWAYS)
        for name, header in known.items():
            if name in given:
                yield from (f"header {name}: {fault}" for fault in self.of_schema(header["schema"], _read(given[name])))
            elif header.get("required"):
                yield f"the header {name} is missing"

    def _of_body(self, answer: Json, given: Mapping[str, str], body: str) -> Iterator[str]:
        contents, kind = answer.get("content", {}), given.get("content-type")
        if kind is None:
            yield from ["a body of no type"] if body else []
            yield from ["there is no body"] if contents else []
        elif kind not in contents:
            yield f"the type {kind} is not documented"
        else:
            value = json.loads(body) if "json" in kind else body
            yield from self.of_schema(contents[kind]["schema"], value)


def judge() -> Judge:
    return Judge(json.loads(DOCUMENT.read_text()))


def _read(text: str) -> object:
    return int(text) if re.fullmatch(r"[0-9]+", text) else text


def _closed(part: Any, document: Json) -> Any:
    """Forbid unnamed members in every schema, at the place where it is used; leave references as they are."""
    if isinstance(part, list):
        return [_closed(each, document) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: value if name in _NOT_SCHEMAS else _closed(value, document) for name, value in part.items()}
    if isinstance(part.get("schema"), dict):
        made["schema"] = _schema(part["schema"], document)
    if "securitySchemes" in part:  # these are the components
        made["schemas"] = {name: _schema(value, document, close=False) for name, value in part["schemas"].items()}
    return made | _absolute(part)


def _schema(schema: Json, document: Json, *, close: bool = True) -> Json:
    """Close a schema and those of its members; parts of a combined schema stay open: the whole is closed."""
    made = schema | _absolute(schema)
    if "properties" in schema:
        made["properties"] = {name: _schema(value, document) for name, value in schema["properties"].items()}
    for name in _OF_MEMBERS:
        if isinstance(schema.get(name), dict):
            made[name] = _schema(schema[name], document)
    for name in _OF_PARTS:
        if name in schema:
            made[name] = [_schema(each, document, close=False) for each in schema[name]]
    if close and "additionalProperties" not in schema and _names_members(schema, document):
        made["unevaluatedProperties"] = False
    return made


def _names_members(schema: Json, document: Json) -> bool:
    found = schema
    while "$ref" in found and "properties" not in found:
        at: Any = document
        for step in found["$ref"].removeprefix("#/").split("/"):
            at = at[step]
        found = at
    parts = [each for name in _OF_PARTS for each in found.get(name, [])]
    return "properties" in found or any(_names_members(each, document) for each in parts)


def _absolute(part: Json) -> Json:
    return {"$ref": part["$ref"].replace("#/", f"{_BASE}#/", 1)} if isinstance(part.get("$ref"), str) else {}

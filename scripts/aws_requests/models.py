"""Requests held against botocore's service models: what its validator checks, and maxima, enums and patterns.

botocore itself leaves the latter to AWS. A message names a member and its rule, and a value only if the member is a
name or a choice, because values may be prompts and secrets.
"""

from collections.abc import Iterator
from typing import Any

from botocore.validate import ParamValidator

from aws_requests.patterns import matches
from aws_requests.reading import shape_of
from aws_requests.request import Finding, Request

SOURCE = "botocore's service model"
# What botocore's validator reports, as our rules.
KINDS = {
    "missing required field": "model-required",
    "unknown field": "model-unknown",
    "invalid type": "model-type",
    "invalid range": "model-minimum",
    "invalid length": "model-minimum",
    "more than one input": "model-union",
    "empty input": "model-union",
}
CHOICES = ("Arn", "ARN", "Name", "Id", "Identifier", "Type", "Mode", "Status", "Class", "Runtime")


def check(request: Request) -> Iterator[Finding]:
    """Find everything in a request that its service's model does not allow."""
    shape = shape_of(request)
    if shape is None:
        for name in request.parameters:
            yield Finding("model-unknown", request, f"{name} is not a member: the operation takes none", SOURCE)
        return
    for kind, where, more in ParamValidator().validate(dict(request.parameters), shape)._errors:
        rule = KINDS.get(kind, "model-type")
        yield Finding(rule, request, f"{where.lstrip('.') or 'input'}: {kind}{_detail(more)}", SOURCE)
    for rule, where, message in _limits(shape, request.parameters, ""):
        yield Finding(rule, request, f"{where}: {message}", SOURCE)


def _detail(more: dict[str, Any]) -> str:
    for key in ("required_name", "unknown_param", "min_allowed"):
        if key in more:
            return f" ({more[key]})"
    if "valid_types" in more:
        return f" ({type(more['param']).__name__} instead of {' or '.join(more['valid_types'])})"
    return f" ({', '.join(more['members'])})" if "members" in more else ""


def _limits(shape: Any, value: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Find values over a maximum, outside an enum, or unlike a pattern."""
    yield from _maximum(shape, value, where)
    match shape.type_name:
        case "structure" if isinstance(value, dict) and not shape.is_document_type:
            for name, member in shape.members.items():
                if value.get(name) is not None:
                    yield from _limits(member, value[name], f"{where}.{name}".lstrip("."))
        case "list" if isinstance(value, list):
            for index, one in enumerate(value):
                yield from _limits(shape.member, one, f"{where}[{index}]")
        case "map" if isinstance(value, dict):
            for key, one in value.items():
                yield from _limits(shape.key, key, f"{where} (a key)")
                yield from _limits(shape.value, one, f"{where}.{key}")
        case "string" if isinstance(value, str):
            yield from _text(shape, value, where)


def _maximum(shape: Any, value: Any, where: str) -> Iterator[tuple[str, str, str]]:
    limit = shape.metadata.get("max")
    if limit is None or isinstance(value, bool):
        return
    size = value if isinstance(value, int | float) else len(value) if hasattr(value, "__len__") else 0
    if size > limit:
        yield "model-maximum", where, f"{size} is more than {limit}"


def _text(shape: Any, value: str, where: str) -> Iterator[tuple[str, str, str]]:
    choices = shape.enum
    if choices and value not in choices:
        yield "model-enum", where, f"{_shown(where, value)} is not one of {', '.join(choices[:12])}"
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, value):
        yield "model-pattern", where, f"{_shown(where, value)} does not match {pattern}"


def _shown(where: str, value: str) -> str:
    return repr(value) if where.endswith(CHOICES) and len(value) <= 200 else f"a text of {len(value)} characters"

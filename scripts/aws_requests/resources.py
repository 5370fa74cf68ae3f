"""Requests that create or change a resource, as CloudFormation resources, whose schemas constrain more than the API's.

cfn_lint_program.py matches members with properties by name; the table below has the type and what is named otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aws_requests.request import Request
from aws_requests.reshape import Members, Reshape

# Verbs of requests that give a resource its properties: such a request without a line in the table is listed.
VERBS = (
    "Create",
    "Put",
    "Register",
    "Request",
    "Set",
    "Update",
    "Modify",
    "Publish",
    "Authorize",
    "Allocate",
    "Change",
)


@dataclass(frozen=True)
class Mapped:
    """How an operation's members become properties; `change` means that only some are sent."""

    type: str
    rename: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    change: bool = False
    reshape: Reshape | None = None


@dataclass(frozen=True)
class Resource:
    """A resource as cfn-lint gets it, with the request that it is from."""

    request: Request
    type: str
    members: Members
    change: bool


def resource_of(request: Request, mapped: Mapped) -> Resource:
    """Translate one request."""
    members = {name: value for name, value in request.parameters.items() if name not in mapped.without}
    members = mapped.reshape(members) if mapped.reshape else members
    renamed = {mapped.rename.get(name, name): value for name, value in members.items()}
    return Resource(request, mapped.type, _plain(renamed), mapped.change)


def unmapped(requests: Iterable[Request], table: Mapping[str, Any]) -> set[str]:
    """Name the operations that seem to give a resource its properties, and that the table does not have."""
    return {one.name for one in requests if one.operation.startswith(VERBS) and one.name not in table}


def _plain(value: Any) -> Any:
    """Make a value of JSON's types; blobs are left out."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if not isinstance(part, bytes)}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value

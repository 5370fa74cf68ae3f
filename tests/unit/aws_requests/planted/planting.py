"""A mistake planted in a valid recording, with the rule that must find it."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aws_requests.request import Request

type Step = tuple[str, Mapping[str, Any]] | tuple[str, Mapping[str, Any], Mapping[str, Any]]
type Change = tuple[int, str, Any]

REMOVED = object()
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Planted:
    """`rule` is None for a mistake that AWS refuses but no rule covers: it counts as not found."""

    name: str
    valid: Sequence[Request]
    mistaken: Sequence[Request]
    rule: str | None


def recorded(*steps: Step, region: str = "us-east-1") -> list[Request]:
    """Make a recording from operations, parameters and answers."""
    requests = []
    for number, (name, parameters, *answers) in enumerate(steps, 1):
        service, operation = name.split(".")
        answer = answers[0] if answers else {}
        requests.append(Request(number, service, operation, parameters, "root", answer=answer, region=region))
    return requests


def planted(name: str, valid: Sequence[Request], rule: str | None, *changes: Change) -> Planted:
    """Return changes to plant: the number of a request, a parameter's path such as `Rules.0.ID`, and its new value.

    An empty path means the status of the answer.
    """
    mistaken = [replace(request, parameters=copy.deepcopy(dict(request.parameters))) for request in valid]
    for number, path, value in changes:
        if path:
            _put(mistaken[number - 1].parameters, path.split("."), value)
        else:
            mistaken[number - 1] = replace(mistaken[number - 1], status=value)
    return Planted(name, valid, mistaken, rule)


def _put(place: Any, path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
    last: Any = int(path[-1]) if isinstance(place, list) else path[-1]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value

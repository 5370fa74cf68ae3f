"""A policy document, taken apart into statements."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Condition = Mapping[str, Mapping[str, Sequence[str]]]
"""Operator -> condition key -> values."""


@dataclass(frozen=True)
class Statement:
    """One statement; `not_actions` and `not_resources` are empty unless the statement uses them instead."""

    sid: str
    effect: str
    actions: Sequence[str]
    resources: Sequence[str]
    condition: Condition
    principal: Any = None
    not_actions: Sequence[str] = ()
    not_resources: Sequence[str] = ()


def statements(document: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document."""
    parsed = json.loads(document) if isinstance(document, str) else document
    return [_statement(each) for each in listed(parsed["Statement"])]


def listed(value: Any) -> list[Any]:
    """Return a value of JSON as a list: IAM accepts one value without brackets."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _statement(found: Mapping[str, Any]) -> Statement:
    conditions = found.get("Condition") or {}
    return Statement(
        sid=found.get("Sid", ""),
        effect=found["Effect"],
        actions=listed(found.get("Action", [])),
        resources=listed(found.get("Resource", [])),
        condition={
            operator: {key: [_text(value) for value in listed(values)] for key, values in keys.items()}
            for operator, keys in conditions.items()
        },
        principal=found.get("Principal"),
        not_actions=listed(found.get("NotAction", [])),
        not_resources=listed(found.get("NotResource", [])),
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

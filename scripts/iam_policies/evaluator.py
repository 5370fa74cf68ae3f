"""Evaluate policies as IAM does within one account: a Deny wins, and what is allowed must also be in the boundary.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from iam_policies.documents import Condition, Statement

WITHOUT_RESOURCE = "*"
"""Resource of a question that AWS asks without one: only a statement on `*` answers it."""


@dataclass(frozen=True)
class Question:
    """A request to evaluate: an action on a resource. `context` has the condition keys of the request."""

    action: str
    resource: str = WITHOUT_RESOURCE
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def is_allowed(question: Question, policies: Iterable[Statement], boundary: Iterable[Statement] | None = None) -> bool:
    """Return whether identity policies, limited by a permissions boundary, allow what is asked."""
    return _allows(question, list(policies)) and (boundary is None or _allows(question, list(boundary)))


def _allows(question: Question, policies: Sequence[Statement]) -> bool:
    effects = {statement.effect for statement in policies if applies(statement, question)}
    return effects == {"Allow"}


def applies(statement: Statement, question: Question) -> bool:
    """Return whether a statement is about a question."""
    action = any(_action_matches(pattern, question.action) for pattern in statement.actions or statement.not_actions)
    resource = any(
        resource_matches(pattern, question.resource) for pattern in statement.resources or statement.not_resources
    )
    return (
        action is not bool(statement.not_actions)
        and resource is not bool(statement.not_resources)
        and _condition_holds(statement.condition, question.context)
    )


def _action_matches(pattern: str, action: str) -> bool:
    return like(pattern.lower(), action.lower())


def resource_matches(pattern: str, resource: str) -> bool:
    """Return whether the ARN pattern of a statement covers a resource, or the absence of one (`*`)."""
    if pattern == "*" or resource == WITHOUT_RESOURCE:
        return pattern == "*"
    return _arn_like(pattern, resource)


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.DOTALL)


def like(pattern: str, value: str) -> bool:
    """Return whether a pattern with `*` and `?` covers the whole of a value."""
    return bool(_expression(pattern).fullmatch(value))


def _arn_like(pattern: str, arn: str) -> bool:
    """Compare each of an ARN's six parts for itself, as IAM does; the last may hold colons."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) and all(map(like, patterns, parts))


# Each with whether it negates: then all values must differ, and a missing key counts as different.
OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (str.__eq__, False),
    "StringNotEquals": (str.__eq__, True),
    "StringLike": (like, False),
    "StringNotLike": (like, True),
    "ArnEquals": (_arn_like, False),  # AWS: the same as ArnLike
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Bool": (str.__eq__, False),
}


def _condition_holds(condition: Condition, context: Mapping[str, str | Sequence[str]]) -> bool:
    given = {key.lower(): [value] if isinstance(value, str) else list(value) for key, value in context.items()}
    return all(
        _holds(operator, values, given.get(key.lower(), []))
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def _holds(operator: str, wanted: Sequence[str], given: Sequence[str]) -> bool:
    if operator == "Null":
        return (not given) is (wanted[0] == "true")
    name = operator.removesuffix("IfExists")
    if name not in OPERATORS:
        raise NotImplementedError(f"the evaluator does not know the operator {operator}")
    if name != operator and not given:
        return True
    compare, negates = OPERATORS[name]
    matched = any(compare(pattern, value) for pattern in wanted for value in given)
    return matched is not negates

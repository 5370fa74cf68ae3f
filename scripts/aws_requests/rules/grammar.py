"""The grammar of policy documents, as IAM and the services with resource policies check it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from aws_requests.rules.policies import Statement, texts

_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_OPERATOR = re.compile(
    r"((ForAllValues|ForAnyValue):)?(String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Not)?Equals"
    r"|Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals"
    r"|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null"
)
_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
_PRINCIPALS = {
    "AWS": r"\*|\d{12}|arn:[\w-]+:(iam|sts)::(\d{12}|cloudfront):.+|A[A-Z0-9]{20}",
    "Service": r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|aws\.internal)",
    "Federated": r"arn:[\w-]+:iam::\d{12}:(oidc|saml)-provider/.+|[a-z0-9.-]+\.[a-z]+",
    "CanonicalUser": r"[0-9a-f]{64}",
}


def document_problems(text: str, *, kind: str) -> Iterator[str]:
    """Yield what is wrong with a policy of a kind: "identity", "trust" or "resource"."""
    try:
        document = json.loads(text)
    except ValueError:
        yield "the policy is not JSON"
        return
    if not isinstance(document, dict) or not document.get("Statement"):
        yield "the policy has no statements"
        return
    if document.get("Version", "2008-10-17") not in ("2012-10-17", "2008-10-17"):
        yield f"the policy's version {document['Version']!r} is not 2012-10-17"
    for name in sorted(set(document) - {"Version", "Id", "Statement"}):
        yield f"the policy has an unknown element {name}"
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    sids = [statement["Sid"] for statement in statements if isinstance(statement, dict) and statement.get("Sid")]
    for sid in sorted({sid for sid in sids if sids.count(sid) > 1}):
        yield f"two statements have the Sid {sid}"
    for statement in statements:
        yield from _statement_problems(statement, kind)


def _statement_problems(statement: Any, kind: str) -> Iterator[str]:
    if not isinstance(statement, dict):
        yield "a statement is not an object"
        return
    label = f"statement {statement.get('Sid', '')}".strip()
    for name in sorted(set(statement) - _ELEMENTS):
        yield f"{label} has an unknown element {name}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"{label}: Effect must be Allow or Deny"
    if kind != "resource" and not re.fullmatch(r"[A-Za-z0-9]*", statement.get("Sid", "")):
        yield f"{label}: a Sid has letters and digits only"
    yield from (f"{label}: {problem}" for problem in _action_problems(statement))
    yield from (f"{label}: {problem}" for problem in _resource_problems(statement, kind))
    yield from (f"{label}: {problem}" for problem in _principal_problems(statement, kind))
    yield from (f"{label}: {problem}" for problem in _condition_problems(statement.get("Condition")))


def _action_problems(statement: Statement) -> Iterator[str]:
    if ("Action" in statement) == ("NotAction" in statement):
        yield "exactly one of Action and NotAction is needed"
    actions = texts(statement.get("Action", statement.get("NotAction")))
    if not actions:
        yield "no action is named"
    for action in actions:
        if not _ACTION.fullmatch(action):
            yield f"{action!r} is not an action: service:Name"


def _resource_problems(statement: Statement, kind: str) -> Iterator[str]:
    if kind == "trust":
        if "Resource" in statement or "NotResource" in statement:
            yield "a trust policy names no resource"
        return
    if ("Resource" in statement) == ("NotResource" in statement):
        yield "exactly one of Resource and NotResource is needed"
    resources = texts(statement.get("Resource", statement.get("NotResource")))
    if not resources:
        yield "no resource is named"
    for resource in resources:
        yield from arn_problems(resource)


def arn_problems(resource: str) -> Iterator[str]:
    """Yield what is wrong with a resource of a policy, which is an ARN with wildcards, or `*`."""
    if resource == "*":
        return
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[5]:
        yield f"resource {resource!r} must be an ARN or *"
        return
    if not re.fullmatch(r"\*|aws(-[a-z-]+)?", parts[1]):
        yield f"resource {resource!r}: {parts[1]!r} is not a partition"
    if not re.fullmatch(r"[a-z0-9-]+|\*", parts[2]):
        yield f"resource {resource!r} must name a service"
    if parts[2] in ("iam", "s3") and parts[3]:
        yield f"resource {resource!r}: an ARN of {parts[2]} has no region"
    if parts[2] == "s3" and parts[4]:
        yield f"resource {resource!r}: an ARN of a bucket has no account"
    if not re.fullmatch(r"\d{12}|aws|[\d*?]*|\$\{.+\}", parts[4]):
        yield f"resource {resource!r}: {parts[4]!r} is not an account"


def _principal_problems(statement: Statement, kind: str) -> Iterator[str]:
    given = [name for name in ("Principal", "NotPrincipal") if name in statement]
    if kind == "identity":
        if given:
            yield "a policy of a role names no principal"
        return
    if len(given) != 1:
        yield "exactly one of Principal and NotPrincipal is needed"
        return
    principal = statement[given[0]]
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        yield "a principal is *, or an object such as {Service: ...}"
        return
    for name, values in principal.items():
        for value in texts(values):
            if value != "*" and not re.fullmatch(_PRINCIPALS.get(name, "(?!)"), value):
                yield f"{name} {value!r} is not a principal"


def _condition_problems(condition: Any) -> Iterator[str]:
    if condition is None:
        return
    if not isinstance(condition, dict):
        yield "a condition is an object"
        return
    for operator, tests in condition.items():
        if not _OPERATOR.fullmatch(operator):
            yield f"{operator!r} is not a condition operator"
        for key in tests if isinstance(tests, dict) else ():
            if ":" not in key:
                yield f"{key!r} is not a condition key"
        if operator.startswith("Arn"):
            for value in (text for values in tests.values() for text in texts(values)):
                if value.count(":") < 5 and value != "*" and "${" not in value:
                    yield f"{operator} compares with {value!r}, which is not an ARN"

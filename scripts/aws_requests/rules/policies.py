"""Policies of roles after a recording, and what they allow."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.history import answered, last_part

type Statement = Mapping[str, Any]

# Of AWS's own policies only what rules ask about.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
NETWORK_ACTIONS = (
    "CreateNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "DeleteNetworkInterface",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
)
QUEUE_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_OF_AWS = {
    "AdministratorAccess": ["*"],
    "AWSLambdaVPCAccessExecutionRole": [f"ec2:{action}" for action in NETWORK_ACTIONS],
    "AWSLambdaSQSQueueExecutionRole": [f"sqs:{action}" for action in QUEUE_ACTIONS],
}


@cache
def matcher(pattern: str, *, of_action: bool = False) -> re.Pattern[str]:
    """Compile a pattern of a policy, in which `*` and `?` are wildcards; only actions ignore case."""
    flags = re.DOTALL | (re.IGNORECASE if of_action else 0)
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), flags)


def texts(value: Any) -> list[str]:
    """Return what a policy may write as one text or as a list of texts."""
    return [value] if isinstance(value, str) else [text for text in value or [] if isinstance(text, str)]


def statements(document: str | None) -> list[Statement]:
    """Return the statements of a policy; none if it is not a policy, which a rule of its own reports."""
    try:
        found = json.loads(document or "{}").get("Statement", [])
    except (ValueError, AttributeError):
        return []
    return [statement for statement in (found if isinstance(found, list) else [found]) if isinstance(statement, dict)]


@dataclass(frozen=True)
class Role:
    """A role with its trust policy and everything that its policies say."""

    trust: list[Statement]
    statements: list[Statement]

    def trusts(self, service: str) -> bool:
        return any(
            statement.get("Effect") == "Allow" and service in texts(_service(statement.get("Principal")))
            for statement in self.trust
        )

    def allows(self, action: str, resource: str) -> bool:
        """Return whether the role may do it, without any value for a condition of a Deny."""
        matching = [statement for statement in self.statements if _covers(statement, action, resource)]
        denied = any(statement["Effect"] == "Deny" and "Condition" not in statement for statement in matching)
        return not denied and any(statement["Effect"] == "Allow" for statement in matching)


def find_role(recording: Sequence[Request], arn_or_name: str) -> Role | None:
    """Return the role as it is at the end of the recording; None if its creation was not recorded."""
    name = last_part(arn_or_name)
    trust: list[Statement] | None = None
    policies: dict[str, list[Statement]] = {}
    for request in answered(recording, *_CHANGES):
        parameters = request.parameters
        if parameters.get("RoleName") != name:
            continue
        match request.operation:
            case "CreateRole":
                trust, policies = statements(parameters.get("AssumeRolePolicyDocument")), {}
            case "UpdateAssumeRolePolicy":
                trust = statements(parameters.get("PolicyDocument")) if trust is not None else None
            case "PutRolePolicy":
                policies[parameters["PolicyName"]] = statements(parameters.get("PolicyDocument"))
            case "DeleteRolePolicy":
                policies.pop(parameters["PolicyName"], None)
            case "AttachRolePolicy":
                policies[parameters["PolicyArn"]] = list(_managed(recording, parameters["PolicyArn"]))
            case "DetachRolePolicy":
                policies.pop(parameters["PolicyArn"], None)
    return None if trust is None else Role(trust, [statement for group in policies.values() for statement in group])


def attached_policies(recording: Sequence[Request], arn_or_name: str) -> set[str]:
    """Return the ARNs of the role's managed policies."""
    attached: set[str] = set()
    for request in answered(recording, "iam.AttachRolePolicy", "iam.DetachRolePolicy"):
        if request.parameters["RoleName"] == last_part(arn_or_name):
            change = attached.add if request.operation.startswith("Attach") else attached.discard
            change(request.parameters["PolicyArn"])
    return attached


_CHANGES = (
    "iam.CreateRole",
    "iam.UpdateAssumeRolePolicy",
    "iam.PutRolePolicy",
    "iam.DeleteRolePolicy",
    "iam.AttachRolePolicy",
    "iam.DetachRolePolicy",
)


def _managed(recording: Sequence[Request], arn: str) -> Iterator[Statement]:
    if ":iam::aws:policy/" in arn:
        yield {"Effect": "Allow", "Action": _OF_AWS.get(last_part(arn), []), "Resource": "*"}
    for request in answered(recording, "iam.CreatePolicy"):
        if request.parameters["PolicyName"] == last_part(arn):
            yield from statements(request.parameters.get("PolicyDocument"))


def _service(principal: Any) -> Any:
    return principal.get("Service") if isinstance(principal, dict) else None


def _covers(statement: Statement, action: str, resource: str) -> bool:
    return _matches(statement, "Action", action) and _matches(statement, "Resource", resource)


def _matches(statement: Statement, key: str, value: str) -> bool:
    excepted = statement.get(f"Not{key}")
    patterns = texts(statement.get(key) if excepted is None else excepted)
    found = any(matcher(pattern, of_action=key == "Action").fullmatch(value) for pattern in patterns)
    return found if excepted is None else not found

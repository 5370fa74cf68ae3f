"""Permissions that AWS's own policies grant for a purpose, and how our roles may be narrower.

Some permissions are checked without a resource, before the resource exists. The Service Authorization Reference does
not say so: it lists a resource type, and a statement on that type passes every check but never applies. The policies
that AWS publishes for a purpose do say it, by granting on `*`. moto carries their texts with version and date.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from iam_policies.documents import Statement, statements
from iam_policies.evaluator import WITHOUT_RESOURCE, Question, is_allowed, like
from iam_policies.policies import Role

REFERENCE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference"


@dataclass(frozen=True)
class Purpose:
    """A policy of AWS for one purpose; what a role may grant on less than `*` or leave out, each with the reason."""

    policy: str
    narrower: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def actions(self) -> list[str]:
        """List what the policy grants on `*`."""
        return sorted(
            action
            for statement in managed_policy(self.policy)
            if WITHOUT_RESOURCE in statement.resources
            for action in statement.actions
        )


LOGS = {
    "logs:CreateLogStream": "in the function's own log group",
    "logs:PutLogEvents": "into the function's own log group",
}
NO_GROUP = {"logs:CreateLogGroup": "Terraform creates the group; with the right a deleted group would come back"}
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
# https://github.com/hashicorp/terraform-provider-aws/issues/20698
IN_VPC = Purpose(
    "AWSLambdaVPCAccessExecutionRole",
    LOGS | {"ec2:CreateNetworkInterface": "Lambda names the subnets and security groups when it checks this action"},
    NO_GROUP,
)
OF_QUEUE = dict.fromkeys(("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"), "of its own queue")
FROM_QUEUE = Purpose("AWSLambdaSQSQueueExecutionRole", LOGS | OF_QUEUE, NO_GROUP)
SAMPLING = ("xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets")
TRACED = Purpose("AWSXRayDaemonWriteAccess", {}, dict.fromkeys(SAMPLING, "for the X-Ray SDK, which our code lacks"))

# Evaluated by AWS without a name although the reference lists a resource type: DescribeAlarms was seen refused on alarm
# ARNs (asked for alarm:*), DescribeLogGroups has no resource type at all.
WITHOUT_NAME = ("cloudwatch:DescribeAlarms", "logs:DescribeLogGroups")
IN_REGION = {"aws:RequestedRegion": "us-east-1"}


def lacking(role: Role, purposes: Iterable[Purpose]) -> Iterator[str]:
    """Describe the permissions that a role lacks for its purposes."""
    for purpose in purposes:
        for action in purpose.actions():
            narrower = action in purpose.narrower and _grants(role, action)
            if not (_on_everything(role, action) or narrower or action in purpose.left_out):
                yield f"{role.name}: {action} is not granted on * ({REFERENCE}/{purpose.policy}.html)"
    for action in WITHOUT_NAME:
        if _grants(role, action) and not _on_everything(role, action):
            yield f"{role.name}: {action} is evaluated without a name, so only a grant on * applies"


def purposes_of(function: Mapping[str, Any], consumers: Iterable[str]) -> list[Purpose]:
    """Return the purposes of a function's role, from the function's values in Terraform's state."""
    return [
        *([IN_VPC] if function["vpc_config"] else []),
        *([TRACED] if function["tracing_config"][0]["mode"] == "Active" else []),
        *([FROM_QUEUE] if function["function_name"] in consumers else []),
    ]


def managed_policy(name: str) -> list[Statement]:
    """Return the statements of one of AWS's managed policies, by the last part of its ARN."""
    return statements(_managed()[name.rpartition("/")[2]]["Document"])


@cache
def _managed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def _on_everything(role: Role, action: str) -> bool:
    return is_allowed(Question(action, context=IN_REGION), role.statements)


def _grants(role: Role, action: str) -> bool:
    """Return whether a role grants an action on anything at all."""
    granted = (pattern for each in role.statements if each.effect == "Allow" for pattern in each.actions)
    return any(like(pattern.lower(), action.lower()) for pattern in granted)

"""Every rendered policy, checked as AWS evaluates policies; each check finds the mistake that it exists for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from contract.rendered_policies import BOOTSTRAP, PLATFORM, rendered
from iam_policies import managed
from iam_policies.checks import faults, missing_resources
from iam_policies.documents import Statement, statements
from iam_policies.evaluator import Question, is_allowed
from iam_policies.managed import FROM_QUEUE, IN_VPC, TRACED, Purpose, lacking, purposes_of
from iam_policies.policies import IDENTITY, RESOURCE, Policy, Role, policies, resources, roles

pytestmark = pytest.mark.slow

# Exceptions, each with its reason.
EXCEPTIONS = {
    # AWS's own key policy for CloudWatch Logs uses this:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    "EncryptOwnLogs: condition-key: kms:DescribeKey comes without kms:EncryptionContext:aws:logs:arn",
    # The reference marks all four types as required, although a target is either an instance or a cluster.
    "ConnectProxy: required-resource: rds:DeregisterDBProxyTargets needs arn:*:rds:*:*:cluster:*",
}
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/x"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:x"


@pytest.mark.parametrize("root", [PLATFORM, BOOTSTRAP], ids=lambda root: root.name)
def test_every_statement_can_apply(root: Any) -> None:
    found = policies(rendered(root))
    assert len(found) > 10
    assert [str(fault) for fault in faults(found) if f"{fault.sid}: {fault.rule}: {fault.what}" not in EXCEPTIONS] == []


@pytest.mark.parametrize("root", [PLATFORM, BOOTSTRAP], ids=lambda root: root.name)
def test_every_action_is_granted_on_all_resources_it_needs(root: Any) -> None:
    found = [fault for role in roles(rendered(root)).values() for fault in missing_resources(role)]
    assert [str(fault) for fault in found if f"{fault.sid}: {fault.rule}: {fault.what}" not in EXCEPTIONS] == []


def test_the_exceptions_are_needed() -> None:
    found = [fault for root in (PLATFORM, BOOTSTRAP) for fault in faults(policies(rendered(root)))]
    found += [fault for fault in missing_resources(roles(rendered(BOOTSTRAP))["vsl-test-apply"])]
    assert {f"{fault.sid}: {fault.rule}: {fault.what}" for fault in found} == EXCEPTIONS


def test_a_functions_role_may_use_actions_that_aws_checks_without_a_resource() -> None:
    state = rendered(PLATFORM)
    functions = [each["values"] for each in resources(state) if each["type"] == "aws_lambda_function"]
    consumers = {name for name in map(consumer, resources(state)) if name}
    found = {each["function_name"]: purposes_of(each, consumers) for each in functions}
    assert {purpose for each in found.values() for purpose in map(id, each)} == set(
        map(id, (IN_VPC, TRACED, FROM_QUEUE))
    )
    assert [fault for name, each in found.items() for fault in lacking(roles(state)[name], each)] == []


@pytest.mark.parametrize("root", [PLATFORM, BOOTSTRAP], ids=lambda root: root.name)
def test_actions_without_a_resource_name_are_granted_on_every_resource(root: Any) -> None:
    assert [fault for role in roles(rendered(root)).values() for fault in lacking(role, [])] == []


def test_the_boundary_does_not_limit_the_policies_of_aws_that_are_attached() -> None:
    [boundary] = (each.statements for each in policies(rendered(BOOTSTRAP)) if each.name == "aws_iam_policy.boundary")
    attached = {arn for role in roles(rendered(PLATFORM)).values() for arn in role.managed}
    questions = [
        Question(action, resource.replace(":*:*:", ":us-east-1:123456789012:").replace("RDS*", "RDSOSMetrics"))
        for arn in attached
        for statement in managed.managed_policy(arn)
        for action in statement.actions
        for resource in statement.resources
    ]
    assert len(questions) == 6
    assert [question for question in questions if not is_allowed(question, boundary)] == []


def consumer(resource: Mapping[str, Any]) -> str:
    """Return the function that a mapping feeds, or "" for other resources; mocked ARNs end in the alias."""
    if resource["type"] != "aws_lambda_event_source_mapping":
        return ""
    name: str = resource["values"]["function_name"].split(":")[6]
    return name


def statement(**given: Any) -> Statement:
    [found] = statements({"Statement": {"Sid": "X", "Effect": "Allow", "Resource": "*"} | given})
    return found


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ("unknown-action", statement(Action="dynamodb:GetItems", Resource=TABLE)),
        ("unknown-action", statement(Action="dynamo:*")),
        ("only-on-*", statement(Action="logs:DescribeLogGroups", Resource="arn:aws:logs:us-east-1:1:log-group:x")),
        ("only-on-*", statement(Action="xray:PutTraceSegments", Resource="arn:aws:xray:us-east-1:1:group/x")),
        ("resource-type", statement(Action=["dynamodb:GetItem", "s3:GetObject"], Resource=TABLE)),
        ("resource-type", statement(Action="s3:GetObject", Resource="arn:aws:s3:::bucket")),
        ("resource-type", statement(Action="s3:ListBucket", Resource="arn:aws:s3:::bucket/*")),
        ("unused-resource", statement(Action="dynamodb:GetItem", Resource=[TABLE, FUNCTION])),
        ("unused-resource", statement(Action="sqs:SendMessage", Resource="none")),
        ("condition-key", statement(Action="dynamodb:GetItem", Condition={"StringEquals": {"s3:prefix": "x"}})),
        (
            "condition-key",
            statement(Action="iam:PassRole", Condition={"StringEquals": {"iam:PermissionsBoundary": "x"}}),
        ),
        ("condition-key", statement(Action="ec2:DescribeVpcs", Condition={"Null": {"aws:ResourceTag/x": "true"}})),
    ],
    ids=lambda value: value if isinstance(value, str) else value.actions[0],
)
def test_a_statement_that_never_applies_is_found(rule: str, mistake: Statement) -> None:
    assert rule in {fault.rule for fault in faults([Policy("x", IDENTITY, [mistake])])}


def test_resource_policies_are_also_checked() -> None:
    mistake = statement(Action="s3:GetObjects", Resource="arn:aws:s3:::bucket/*", Principal="*")
    assert {fault.rule for fault in faults([Policy("x", RESOURCE, [mistake])])} == {"unknown-action"}


def test_a_role_that_covers_one_of_two_needed_resources_is_found() -> None:
    alias = "arn:aws:kms:us-east-1:123456789012:alias/x"
    role = Role("x", None, [statement(Action="kms:CreateAlias", Resource=alias)], frozenset())
    assert [fault.what for fault in missing_resources(role)] == ["kms:CreateAlias needs arn:*:kms:*:*:key/*"]


INTERFACES = "arn:aws:ec2:us-east-1:123456789012:network-interface/*"


@pytest.mark.parametrize(
    ("purpose", "action", "resource"),
    [
        (IN_VPC, "ec2:DeleteNetworkInterface", INTERFACES),
        (IN_VPC, "ec2:AssignPrivateIpAddresses", INTERFACES),
        (IN_VPC, "ec2:UnassignPrivateIpAddresses", INTERFACES),
        (IN_VPC, "ec2:DescribeSubnets", "arn:aws:ec2:us-east-1:123456789012:subnet/x"),
        (IN_VPC, "ec2:CreateNetworkInterface", None),
        (TRACED, "xray:PutTelemetryRecords", None),
        (FROM_QUEUE, "sqs:GetQueueAttributes", None),
        (FROM_QUEUE, "logs:PutLogEvents", None),
    ],
    ids=lambda value: value.policy if isinstance(value, Purpose) else str(value).rpartition(":")[2],
)
def test_a_permission_that_aws_checks_without_a_resource_is_missed(
    purpose: Purpose, action: str, resource: str | None
) -> None:
    role = roles(rendered(PLATFORM))["vsl-test-submit-job"]
    assert list(lacking(role, [purpose])) == []
    kept = [replace(each, actions=[name for name in each.actions if name != action]) for each in role.statements]
    given = [statement(Action=action, Resource=resource)] if resource else []
    [fault] = lacking(replace(role, statements=[*kept, *given]), [purpose])
    assert fault.startswith(f"vsl-test-submit-job: {action} is not granted on *")


def test_describing_alarms_by_their_names_is_found() -> None:
    alarms = statement(
        Action="cloudwatch:DescribeAlarms", Resource="arn:aws:cloudwatch:us-east-1:123456789012:alarm:x-*"
    )
    assert len(list(lacking(Role("x", None, [alarms], frozenset()), []))) == 1

"""The apply role cannot make itself administrator; its policies are evaluated for each known way."""

import pytest

from contract.rendered_policies import ACCOUNT, BOOTSTRAP, PLATFORM, rendered
from iam_policies.documents import Statement, statements
from iam_policies.evaluator import WITHOUT_RESOURCE, Question, is_allowed
from iam_policies.policies import Role, policies, roles

pytestmark = pytest.mark.slow

IAM = f"arn:aws:iam::{ACCOUNT}"
BOUNDARY = f"{IAM}:policy/bootstrap/vsl-test-boundary"
ITSELF, OWN_POLICY = f"{IAM}:role/bootstrap/vsl-test-apply", f"{IAM}:policy/bootstrap/vsl-test-write-access"
FUNCTION, OTHER = f"{IAM}:role/vsl-test-get-status", f"{IAM}:role/other"
BOUNDED = {"iam:PermissionsBoundary": BOUNDARY}
LOOSE = {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}
MONITORING = {"iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"}
ADMINISTRATION = statements({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
ADMINISTRATOR = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}


def of_bootstrap(name: str) -> Role:
    return roles(rendered(BOOTSTRAP))[name]


@pytest.mark.parametrize(
    "action", ["CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary", "UpdateAssumeRolePolicy"]
)
def test_apply_changes_the_rights_of_bounded_roles(action: str) -> None:
    assert is_allowed(Question(f"iam:{action}", FUNCTION, BOUNDED), of_bootstrap("vsl-test-apply").statements)


def test_apply_attaches_the_one_policy_that_the_database_needs() -> None:
    apply = of_bootstrap("vsl-test-apply").statements
    assert is_allowed(Question("iam:AttachRolePolicy", FUNCTION, BOUNDED | MONITORING), apply)
    assert not is_allowed(Question("iam:AttachRolePolicy", FUNCTION, BOUNDED | ADMINISTRATOR), apply)


@pytest.mark.parametrize(
    "way",
    [
        # a role without the boundary, or with another
        Question("iam:CreateRole", FUNCTION),
        Question("iam:CreateRole", FUNCTION, LOOSE),
        Question("iam:PutRolePolicy", FUNCTION),
        Question("iam:PutRolePolicy", FUNCTION, LOOSE),
        Question("iam:AttachRolePolicy", FUNCTION, MONITORING),
        Question("iam:UpdateAssumeRolePolicy", FUNCTION),
        Question("iam:PutRolePermissionsBoundary", FUNCTION, LOOSE),
        Question("iam:DeleteRolePermissionsBoundary", FUNCTION, BOUNDED),
        # its own role
        Question("iam:PutRolePolicy", ITSELF, BOUNDED),
        Question("iam:AttachRolePolicy", ITSELF, BOUNDED | MONITORING),
        Question("iam:UpdateAssumeRolePolicy", ITSELF, BOUNDED),
        Question("iam:PutRolePermissionsBoundary", ITSELF, BOUNDED),
        # the boundary, or another policy of the bootstrap
        *(
            Question(f"iam:{action}", policy)
            for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy")
            for policy in (BOUNDARY, OWN_POLICY)
        ),
        # another owner's role
        Question("iam:PutRolePolicy", OTHER, BOUNDED),
        Question("iam:PassRole", OTHER, {"iam:PassedToService": "lambda.amazonaws.com"}),
        Question("iam:PassRole", ITSELF, {"iam:PassedToService": "lambda.amazonaws.com"}),
        Question("iam:PassRole", FUNCTION, {"iam:PassedToService": "ec2.amazonaws.com"}),
        Question("sts:AssumeRole", OTHER),
        # other identities
        Question("iam:CreateUser", f"{IAM}:user/vsl-test-x"),
        Question("iam:CreateAccessKey", f"{IAM}:user/vsl-test-x"),
        Question("iam:CreatePolicy", f"{IAM}:policy/vsl-test-x"),
        Question("iam:CreateOpenIDConnectProvider", f"{IAM}:oidc-provider/example.com"),
    ],
    ids=lambda way: f"{way.action}-{way.resource.rpartition('/')[2]}-{'-'.join(way.context)}",
)
def test_apply_cannot_become_administrator(way: Question) -> None:
    assert not is_allowed(way, of_bootstrap("vsl-test-apply").statements)


@pytest.mark.parametrize("action", ["DeleteRolePermissionsBoundary", "CreateRole", "PutRolePolicy", "AttachRolePolicy"])
def test_a_policy_attached_to_apply_later_does_not_undo_the_boundary(action: str) -> None:
    apply = [*of_bootstrap("vsl-test-apply").statements, *ADMINISTRATION]
    assert not is_allowed(Question(f"iam:{action}", FUNCTION), apply)


@pytest.mark.parametrize(
    "question",
    [
        Question("iam:CreateUser", f"{IAM}:user/x"),
        Question("iam:PutRolePolicy", FUNCTION, BOUNDED),
        Question("iam:PassRole", FUNCTION, {"iam:PassedToService": "lambda.amazonaws.com"}),
        Question("sts:AssumeRole", ITSELF),
        Question("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:vsl-test-get-status"),
        Question("s3:GetObject", "arn:aws:s3:::vsl-test-state-123456789012/vsl-test/terraform.tfstate"),
        Question("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:other/x-AbCdEf"),
        Question("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/vsl-other-realtime-jobs"),
        Question("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/x", {"aws:ResourceTag/Environment": "vsl-other"}),
        Question("ec2:RunInstances"),
    ],
    ids=lambda question: question.action,
)
def test_a_bounded_administrator_cannot_leave_the_environment(question: Question) -> None:
    assert is_allowed(question, ADMINISTRATION)
    assert not is_allowed(question, ADMINISTRATION, boundary())


def test_every_role_of_the_platform_carries_the_boundary() -> None:
    found = roles(rendered(PLATFORM))
    assert len(found) > 20
    assert {role.boundary for role in found.values()} == {BOUNDARY}


def test_the_boundary_allows_all_that_the_roles_of_the_platform_are_granted() -> None:
    """AWS refuses an action that the boundary lacks, even if the role's own policy grants it."""
    lacking = [
        f"{role.name}: {action} on {resource}"
        for role in roles(rendered(PLATFORM)).values()
        for statement in role.statements
        if statement.effect == "Allow"
        for action in statement.actions
        for resource in statement.resources
        if not is_allowed(Question(action, example(resource), {"aws:ResourceTag/Environment": "vsl-test"}), boundary())
    ]
    assert lacking == []


def boundary() -> list[Statement]:
    [found] = (policy for policy in policies(rendered(BOOTSTRAP)) if policy.name == "aws_iam_policy.boundary")
    return list(found.statements)


def example(resource: str) -> str:
    """Return a resource name that a pattern covers."""
    return resource if resource == WITHOUT_RESOURCE else resource.replace("*", "x")

"""Service-linked roles of an account, created before the first apply.

AWS services create them on first use. In a new account several resources start at once and race for the same role,
and the provider does not retry: https://github.com/terraform-aws-modules/terraform-aws-rds/issues/364.
"""

from botocore.exceptions import ClientError

from common.problems import SetupProblem
from deploy.account import Account

PATH = "/aws-service-role/"
SERVICES = (
    "rds.amazonaws.com",
    "elasticache.amazonaws.com",
    "ops.apigateway.amazonaws.com",
    "dynamodb.application-autoscaling.amazonaws.com",
)
# Error code -> text of the answer that the role exists. The emulator names some roles differently from AWS.
TAKEN = {"InvalidInput": "has been taken in this account", "EntityAlreadyExists": "already exists"}


def missing(account: Account) -> list[str]:
    """List the services without a role in this account. The path of a service-linked role ends in its service."""
    pages = account.aws.client("iam").get_paginator("list_roles").paginate(PathPrefix=PATH)
    found = {role["Path"] for page in pages for role in page["Roles"]}
    return [service for service in SERVICES if f"{PATH}{service}/" not in found]


def create(account: Account, services: list[str]) -> None:
    """Create roles; ignore those that exist by now. Raises SetupProblem for every other refusal."""
    iam = account.aws.client("iam")
    for service in services:
        try:
            iam.create_service_linked_role(AWSServiceName=service)
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] not in TAKEN or TAKEN[told["Code"]] not in told["Message"]:
                raise SetupProblem(
                    f"the service-linked role of {service} could not be created ({told['Code']}: {told['Message']}): "
                    "run bootstrap as an administrator, or with iam:CreateServiceLinkedRole"
                ) from None

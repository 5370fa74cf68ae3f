"""Service-linked roles of an account, created before the first apply.

AWS services create them on first use. In a new account several resources start at once and race for the same role,
and the provider does not retry: https://github.com/terraform-aws-modules/terraform-aws-rds/issues/364.
"""

from botocore.exceptions import ClientError

from common.problems import SetupProblem
from deploy.account import Account

PATH = "/aws-service-role/"
# Each service with the name that AWS gives to its role.
ROLES = {
    "rds.amazonaws.com": "AWSServiceRoleForRDS",
    "elasticache.amazonaws.com": "AWSServiceRoleForElastiCache",
    "ops.apigateway.amazonaws.com": "AWSServiceRoleForAPIGateway",
    "dynamodb.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
}
# What says that a role exists, by error code: AWS's answer, and the emulator's, which names some roles differently.
TAKEN = {"InvalidInput": "has been taken in this account", "EntityAlreadyExists": "already exists"}


def missing(account: Account) -> list[str]:
    """List the services whose role the account lacks."""
    pages = account.aws.client("iam").get_paginator("list_roles").paginate(PathPrefix=PATH)
    found = {role["RoleName"] for page in pages for role in page["Roles"]}
    return [service for service, role in ROLES.items() if role not in found]


def create(account: Account, services: list[str]) -> None:
    """Create roles; one that exists by now is no error. Raises SetupProblem for every other refusal."""
    iam = account.aws.client("iam")
    for service in services:
        try:
            iam.create_service_linked_role(AWSServiceName=service)
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] not in TAKEN or TAKEN[told["Code"]] not in told["Message"]:
                raise SetupProblem(
                    f"the service-linked role of {service} could not be created ({told['Code']}: {told['Message']}): "
                    "bootstrap needs admin rights, or iam:CreateServiceLinkedRole"
                ) from None

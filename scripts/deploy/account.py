"""The AWS account of the current credentials."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from common.aws import Aws
from common.problems import SetupProblem

LOG_IN = "log in again (for example aws sso login) or export new ones"
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}


@dataclass(frozen=True)
class Account:
    """An account: its twelve digits, and a session for it."""

    number: str
    aws: Aws


def sign_in(region: str) -> Account:
    """Return the account of the credentials. Raises SetupProblem if they are missing, expired or refused."""
    try:
        aws = Aws(boto3.Session(region_name=region))
        return Account(aws.client("sts").get_caller_identity()["Account"], aws)
    except (NoCredentialsError, PartialCredentialsError):
        raise SetupProblem(
            "there are no AWS credentials: export AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from None
    except ProfileNotFound as problem:
        raise SetupProblem(f"{problem}: choose another AWS_PROFILE, or aws configure") from None
    except (SSOError, TokenRetrievalError):
        raise SetupProblem(f"the AWS credentials have expired: {LOG_IN}") from None
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        told = "have expired" if code in EXPIRED else f"do not work ({code})"
        raise SetupProblem(f"the AWS credentials {told}: {LOG_IN}") from None
    except (ConnectionError, HTTPClientError) as problem:
        raise SetupProblem(f"cannot reach AWS ({problem}): check the network") from None
    except BotoCoreError as problem:
        raise SetupProblem(f"the AWS credentials do not work ({problem}): {LOG_IN}") from None

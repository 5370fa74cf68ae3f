"""Mistakes in the requests that functions send under their roles."""

import json
from dataclasses import replace
from typing import Any

from aws_requests.request import Request
from unit.aws_requests.planted.planting import ACCOUNT, Planted, Step, recorded

type Grant = dict[str, Any]

NAME = "vsl-test-check-health"
IAM = f"arn:aws:iam::{ACCOUNT}"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/vsl-test-realtime-jobs"
BUCKET = "arn:aws:s3:::vsl-test-media"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:vsl-test/token-AbCdEf"
DELETED = {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "1"}]}
CALLS: list[Step] = [
    ("dynamodb.GetItem", {"TableName": "vsl-test-realtime-jobs", "Key": {"jobId": {"S": "x"}}}),
    ("s3.ListObjectsV2", {"Bucket": "vsl-test-media", "Prefix": "health/"}),
    ("secretsmanager.GetSecretValue", {"SecretId": "vsl-test/token"}),
    ("s3.DeleteObjects", {"Bucket": "vsl-test-media", "Delete": DELETED}),
]


def grant(action: str, resource: str = "*", **more: Any) -> Grant:
    return {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}


def policy(*grants: Grant) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": grants})


TRUST = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
GRANTS = [
    grant("dynamodb:GetItem", TABLE),
    grant("s3:ListBucket", BUCKET, Condition={"StringEquals": {"s3:prefix": ["health/"]}}),
    grant("secretsmanager:GetSecretValue", SECRET),
    grant("s3:DeleteObject", f"{BUCKET}/*"),
    grant("s3:DeleteObjectVersion", f"{BUCKET}/*"),
]


def recording(grants: list[Grant], *, within: Grant, calls: list[Step]) -> list[Request]:
    """Return a role with its policy and boundary, then requests of the role's function."""
    inline = {"RoleName": NAME, "PolicyName": NAME, "PolicyDocument": policy(*grants)}
    bounded = {"RoleName": NAME, "PermissionsBoundary": f"{IAM}:policy/bootstrap/boundary"}
    setup = recorded(
        ("iam.CreatePolicy", {"PolicyName": "boundary", "PolicyDocument": policy(within)}),
        (
            "iam.CreateRole",
            {**bounded, "AssumeRolePolicyDocument": TRUST},
            {"Role": {"Arn": f"{IAM}:role/{NAME}"}},
        ),
        ("secretsmanager.CreateSecret", {"Name": "vsl-test/token"}, {"ARN": SECRET}),
        ("iam.PutRolePolicy", inline),
        ("iam.PutRolePolicy", inline),  # so that rights from before the last change are no excuse
    )
    sent = recorded(*calls)
    return [*setup, *(replace(each, number=each.number + len(setup), caller=NAME) for each in sent)]


def planted(name: str, grants: list[Grant] = GRANTS, within: str = "*", calls: list[Step] = CALLS) -> Planted:
    return Planted(name, VALID, recording(grants, within=grant(within), calls=calls), "callers.allowed_by_role")


def without(number: int) -> list[Grant]:
    return GRANTS[:number] + GRANTS[number + 1 :]


VALID = recording(GRANTS, within=grant("*"), calls=CALLS)
LIST_ALL: Step = ("s3.ListObjectsV2", {"Bucket": "vsl-test-media"})

PLANTED = [
    planted("function reads a table without the right", without(0)),
    planted("function reads another table", [*without(0), grant("dynamodb:GetItem", f"{TABLE}-2")]),
    planted("function writes with the right to read", calls=[("dynamodb.PutItem", CALLS[0][1])]),
    planted("function lists more than its prefix", calls=[LIST_ALL]),
    planted(
        "secret named without the characters that AWS adds",
        [*without(2), grant("secretsmanager:GetSecretValue", SECRET.removesuffix("-AbCdEf"))],
    ),
    planted("function deletes a version with the right to objects", without(4)),
    planted("boundary lacks what the role grants", within="s3:*"),
    planted("function is denied", [*GRANTS, grant("dynamodb:GetItem") | {"Effect": "Deny"}]),
    planted("operation that no permission is known for", calls=[("dynamodb.Scan", {"TableName": "x"})]),
]

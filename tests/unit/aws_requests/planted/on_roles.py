"""Mistakes in roles and policies."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:vsl/token-AbCdEf"
LAMBDA = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
READ = {"Sid": "ReadToken", "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]}


def policy(*statements: dict[str, Any], **more: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements, **more})


def changed(**elements: Any) -> str:
    return policy({name: value for name, value in {**READ, **elements}.items() if value is not REMOVED})


LONG = ["arn:aws:s3:::bucket/" + f"{n:03}" * 100 for n in range(40)]

ROLE = recorded(
    ("iam.CreateRole", {"RoleName": "worker", "Path": "/", "AssumeRolePolicyDocument": policy(LAMBDA)}),
    ("iam.PutRolePolicy", {"RoleName": "worker", "PolicyName": "worker", "PolicyDocument": policy(READ)}),
    (
        "iam.CreatePolicy",
        {
            "PolicyName": "read",
            "PolicyDocument": changed(
                Resource=["arn:aws:s3:::vsl-media/*", f"arn:aws:iam::{ACCOUNT}:role/vsl-*", "*"],
                Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
            ),
        },
    ),
    *[
        ("iam.AttachRolePolicy", {"RoleName": "worker", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{n}"})
        for n in range(10)
    ],
    ("iam.CreateOpenIDConnectProvider", {"Url": "https://token.actions.githubusercontent.com"}),
    ("iam.PutRolePolicy", {"RoleName": "other", "PolicyName": "other", "PolicyDocument": policy(READ)}),
    ("iam.AttachRolePolicy", {"RoleName": "other", "PolicyArn": "arn:aws:iam::aws:policy/AWSLambdaExecute"}),
    ("iam.DeleteRolePolicy", {"RoleName": "other", "PolicyName": "other"}),
    ("iam.DetachRolePolicy", {"RoleName": "other", "PolicyArn": "arn:aws:iam::aws:policy/AWSLambdaExecute"}),
    ("iam.DeleteRole", {"RoleName": "other"}),
)
_GRAMMAR = "roles.policy_grammar"
_TRUST = "roles.trust_grammar"

PLANTED = [
    planted("resource none", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Resource=["none"]))),
    planted("ARN cut short", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Resource=["arn:aws:sqs:us-east-1"]))),
    planted(
        "ARN of no service",
        ROLE,
        _GRAMMAR,
        (2, "PolicyDocument", changed(Resource=[SECRET.replace("secretsmanager", "")])),
    ),
    planted(
        "bucket with a region", ROLE, _GRAMMAR, (3, "PolicyDocument", changed(Resource="arn:aws:s3:us-east-1::bucket"))
    ),
    planted(
        "role with a region",
        ROLE,
        _GRAMMAR,
        (3, "PolicyDocument", changed(Resource=f"arn:aws:iam:us-east-1:{ACCOUNT}:role/a")),
    ),
    planted(
        "account with a digit too few",
        ROLE,
        _GRAMMAR,
        (2, "PolicyDocument", changed(Resource=SECRET.replace(ACCOUNT, "none"))),
    ),
    planted("action without a service", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Action=["GetSecretValue"]))),
    planted("no action", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Action=[]))),
    planted("no resource", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Resource=REMOVED))),
    planted("effect in small letters", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Effect="allow"))),
    planted("Sid with a hyphen", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Sid="read-token"))),
    planted("the same Sid twice", ROLE, _GRAMMAR, (2, "PolicyDocument", policy(READ, READ))),
    planted("principal in a role's policy", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Principal="*"))),
    planted("version of today", ROLE, _GRAMMAR, (2, "PolicyDocument", policy(READ, Version="2026-11-30"))),
    planted(
        "unknown condition operator",
        ROLE,
        _GRAMMAR,
        (2, "PolicyDocument", changed(Condition={"StringMatches": {"aws:username": "a"}})),
    ),
    planted(
        "condition on no key",
        ROLE,
        _GRAMMAR,
        (2, "PolicyDocument", changed(Condition={"StringEquals": {"username": "a"}})),
    ),
    planted("unknown element", ROLE, _GRAMMAR, (2, "PolicyDocument", changed(Resources=[SECRET]))),
    planted("policy of no statement", ROLE, _GRAMMAR, (2, "PolicyDocument", policy())),
    planted(
        "trust in a service without its domain",
        ROLE,
        _TRUST,
        (1, "AssumeRolePolicyDocument", policy({**LAMBDA, "Principal": {"Service": "lambda"}})),
    ),
    planted(
        "trust policy without a principal",
        ROLE,
        _TRUST,
        (1, "AssumeRolePolicyDocument", policy({"Effect": "Allow", "Action": "sts:AssumeRole"})),
    ),
    planted(
        "trust with a resource", ROLE, _TRUST, (1, "AssumeRolePolicyDocument", policy({**LAMBDA, "Resource": "*"}))
    ),
    planted(
        "trust policy of 3,000 characters",
        ROLE,
        _TRUST,
        (1, "AssumeRolePolicyDocument", policy({**LAMBDA, "Sid": "S" * 3000})),
    ),
    planted("role name over 64", ROLE, "roles.role_name", (1, "RoleName", "r" * 65)),
    planted("role description with an arrow", ROLE, "roles.role_name", (1, "Description", "a → b")),
    planted("path without its end", ROLE, "roles.role_name", (1, "Path", "/bootstrap")),
    planted("policy name with a space", ROLE, "roles.policy_name", (3, "PolicyName", "read all")),
    planted(
        "inline policy of 12,000 characters",
        ROLE,
        "roles.inline_policies_size",
        (2, "PolicyDocument", changed(Resource=LONG)),
    ),
    planted(
        "managed policy of 12,000 characters",
        ROLE,
        "roles.managed_policy_size",
        (3, "PolicyDocument", changed(Resource=LONG)),
    ),
    planted("eleven managed policies", ROLE, "roles.attached_policies_are_few", (16, "RoleName", "worker")),
    planted("role deleted with its policy", ROLE, "roles.deleted_role_is_empty", (17, "", 400)),
    planted("token provider without TLS", ROLE, "roles.token_provider", (14, "Url", "http://token.example.com")),
    # IAM looks the principal up; requests do not show which principals exist.
    planted(
        "trust in a role that does not exist",
        ROLE,
        None,
        (1, "AssumeRolePolicyDocument", policy({**LAMBDA, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/gone"}})),
    ),
]

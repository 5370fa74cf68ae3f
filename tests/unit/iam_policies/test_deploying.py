"""The check finds a right that Terraform needs and the apply role lacks, and a right that nothing needs."""

import pytest

from aws_requests.request import Request
from iam_policies.deploying import UNSEEN, missing, needed, unexplained


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("lambda.CreateFunction", "lambda:CreateFunction"),
        ("s3.HeadBucket", "s3:ListBucket"),
        ("s3.PutBucketEncryption", "s3:PutEncryptionConfiguration"),
        ("apigatewayv2.UpdateStage", "apigateway:PATCH"),
        ("apigatewayv2.GetApi", "apigateway:GET"),
    ],
)
def test_an_operation_needs_its_action(name: str, action: str) -> None:
    service, operation = name.split(".")
    assert needed([Request(1, service, operation, {}, "root")]) == {action}


def test_requests_of_functions_and_of_the_tests_need_nothing() -> None:
    assert (
        needed([Request(1, "s3", "PutObject", {}, "vsl-x"), Request(2, "sts", "GetCallerIdentity", {}, "root")])
        == set()
    )


def test_a_missing_right_is_found() -> None:
    assert missing({"iam:CreateRole", "s3:GetBucketCORS"}, {"s3:GetBucketCors"}) == ["iam:CreateRole"]


def test_an_unused_right_and_an_unneeded_reason_are_found() -> None:
    examples = {pattern.replace("*", "x") for patterns in UNSEEN.values() for pattern in patterns}
    assert unexplained(set(), examples) == []
    assert unexplained({"iam:CreateRole"}, {*examples, "iam:CreateRole", "sns:Publish"}) == ["sns:Publish"]
    assert unexplained({"iam:PassRole"}, examples) == ["stale: iam:PassRole"]

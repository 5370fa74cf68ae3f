"""The evaluator decides as IAM documents, and as the emulator's independent evaluator does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from iam_policies.documents import statements
from iam_policies.evaluator import Question, is_allowed

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/vsl-dev-realtime-jobs"
GET = Question("dynamodb:GetItem", TABLE, {"aws:ResourceTag/Environment": "vsl-dev"})


def policy(*parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | part for part in parts],
    }


@pytest.mark.parametrize(
    ("document", "allowed"),
    [
        (policy({}), True),
        (policy({}, {"Effect": "Deny"}), False),
        (policy({"Action": "dynamodb:Get*"}), True),
        (policy({"Action": "DYNAMODB:getitem"}), True),
        (policy({"Action": "dynamodb:Put*"}), False),
        (policy({"Resource": "arn:aws:dynamodb:*:*:table/vsl-dev-*"}), True),
        (policy({"Resource": "arn:aws:dynamodb:*:table/vsl-dev-*"}), False),  # a wildcard stays in its part of the ARN
        (policy({"Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/vsl-dev-realtime-job?"}), True),
        (policy({}, {"Effect": "Deny", "NotAction": "dynamodb:*"}), True),
        (policy({"NotResource": TABLE}), False),
        (policy({"Condition": {"StringEquals": {"aws:resourcetag/Environment": ["vsl-test", "vsl-dev"]}}}), True),
        (policy({"Condition": {"StringEquals": {"aws:ResourceTag/Environment": "VSL-DEV"}}}), False),
        (policy({"Condition": {"StringLike": {"aws:ResourceTag/Environment": "vsl-*"}}}), True),
        (policy({"Condition": {"StringEquals": {"aws:PrincipalTag/x": "y"}}}), False),  # the key is missing
        (policy({"Condition": {"StringEqualsIfExists": {"aws:PrincipalTag/x": "y"}}}), True),
        (policy({"Condition": {"StringNotEquals": {"aws:PrincipalTag/x": "y"}}}), True),
        (policy({"Condition": {"Null": {"aws:PrincipalTag/x": "true"}}}), True),
        (policy({"Condition": {"Null": {"aws:ResourceTag/Environment": "true"}}}), False),
    ],
)
def test_a_statement_applies_or_not(document: dict[str, Any], *, allowed: bool) -> None:
    assert is_allowed(GET, statements(document)) is allowed


def test_only_a_statement_on_everything_answers_a_question_without_a_resource() -> None:
    question = Question("ec2:DeleteNetworkInterface")
    assert is_allowed(question, statements(policy({})))
    assert not is_allowed(question, statements(policy({"Resource": "arn:aws:ec2:*:*:network-interface/*"})))
    assert not is_allowed(question, statements(policy({"Resource": "arn:aws:ec2:*:*:*/*"})))


def test_a_boundary_limits_and_allows_nothing_by_itself() -> None:
    everything, reading = statements(policy({})), statements(policy({"Action": "dynamodb:GetItem"}))
    assert is_allowed(GET, everything, reading)
    assert not is_allowed(Question("dynamodb:PutItem", TABLE), everything, reading)
    assert not is_allowed(GET, [], everything)
    assert not is_allowed(GET, everything, [])


def test_an_operator_that_is_not_known_is_an_error() -> None:
    with pytest.raises(NotImplementedError, match="DateLessThan"):
        is_allowed(GET, statements(policy({"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}})))


ACTIONS = st.sampled_from(
    ["*", "s3:*", "s3:Get*", "s3:GetObject", "dynamodb:*", "dynamodb:GetItem", "dynamodb:?etItem"]
)
RESOURCES = st.sampled_from(
    ["*", TABLE, f"{TABLE}/*", "arn:aws:dynamodb:us-east-1:123456789012:table/*", "arn:aws:s3:::x/*"]
)
VALUES = st.lists(st.sampled_from(["vsl-dev", "vsl-*", "vsl-prod", "*"]), min_size=1, max_size=2)
KEYS = st.sampled_from(["aws:ResourceTag/Environment", "aws:RequestTag/Environment"])
TEXTS = st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists"])
NULL = st.fixed_dictionaries({"Null": st.dictionaries(KEYS, st.sampled_from(["true", "false"]), min_size=1)})
CONDITIONS = st.dictionaries(TEXTS, st.dictionaries(KEYS, VALUES, min_size=1), max_size=2) | NULL
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": st.lists(ACTIONS, min_size=1, max_size=2),
        "Resource": st.lists(RESOURCES, min_size=1, max_size=2),
        "Condition": CONDITIONS,
    }
)
QUESTIONS = st.sampled_from([GET, Question("s3:GetObject", "arn:aws:s3:::x/y"), Question("dynamodb:PutItem", TABLE)])


@given(question=QUESTIONS, parts=st.lists(STATEMENTS, min_size=1, max_size=3))
def test_the_emulators_evaluator_comes_to_the_same_verdict(question: Question, parts: list[dict[str, Any]]) -> None:
    document = policy(*parts)
    context = EvalContext(
        principal_arn="arn:aws:sts::123456789012:assumed-role/x/y",
        principal_type="AssumedRole",
        principal_account="123456789012",
        action=question.action,
        resource_arn=question.resource,
        region="us-east-1",
        service_context={key.lower(): value for key, value in question.context.items()},
    )
    theirs = evaluate(context, [parse_policy_document(document)])
    assert is_allowed(question, statements(document)) is (theirs.decision == "Allow")

import re
from typing import Any

import pytest

from aws_requests.models import check
from aws_requests.patterns import compiled_pattern, matches
from aws_requests.request import Request

ALIAS = {"FunctionName": "f", "Name": "live", "FunctionVersion": "1"}


def rules(operation: str, parameters: dict[str, Any], service: str = "lambda") -> set[str]:
    return {finding.rule for finding in check(Request(1, service, operation, parameters, "root"))}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None),
        ({"FunctionVersion": "latest!"}, "model-pattern"),
        ({"Name": "a" * 129}, "model-maximum"),
        ({"Name": ""}, "model-minimum"),
        ({"Name": 5}, "model-type"),
        ({"Weight": 5}, "model-unknown"),
    ],
)
def test_each_kind_of_constraint_has_its_rule(changes: dict[str, Any], rule: str | None) -> None:
    found = rules("CreateAlias", {**ALIAS, **changes})
    assert rule in found if rule else not found


def test_a_missing_member_is_found() -> None:
    assert rules("CreateAlias", {"FunctionName": "f"}) == {"model-required"}


def test_an_operation_without_input_takes_no_member() -> None:
    assert rules("DescribeAccountLimits", {"Name": "x"}, "autoscaling") == {"model-unknown"}


def test_a_message_shows_names_but_no_other_values() -> None:
    secret = Request(1, "lambda", "CreateAlias", {**ALIAS, "Description": "s3cret" * 100, "Name": "no blank"}, "root")
    text = "\n".join(str(finding) for finding in check(secret))
    assert "'no blank' does not match" in text
    assert "Description: 600 is more than 256" in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "Größe 5", True),
        (r"[\p{L}]*", "5", False),
        (r"[\w-_]*", "a-_b", True),
        (r"\w+", "ü", False),
        ("[a-z]+", "ab1", False),
        ("^arn:", "arn:aws:x", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "a\U0001f600", True),
        (r"\p{Print}+", "a b", True),
    ],
)
def test_javas_patterns_mean_the_same(pattern: str, value: str, fits: bool) -> None:
    assert matches(pattern, value) is fits


def test_a_pattern_that_cannot_be_read_is_no_silent_pass() -> None:
    with pytest.raises(re.error, match="unknown Unicode category"):
        compiled_pattern(r"\p{Nonsense}")

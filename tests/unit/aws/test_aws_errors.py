"""Meanings of AWS's error answers."""

import pytest

from mediagen.aws.errors import ANSWER_LOST, CONNECT_FAILED, DEADLINE_EXCEEDED, AwsError, from_json, from_xml

REFUSED = b'{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "no"}'


def test_the_code_of_a_json_error_stands_between_its_namespace_and_a_url() -> None:
    assert from_json(400, REFUSED).is_conditional_check_failed
    assert from_json(400, b'{"__type": "ParameterNotFound:http://internal"}').code == "ParameterNotFound"


def test_the_message_of_a_json_error_is_kept_whatever_its_case() -> None:
    assert from_json(400, REFUSED).message == "no"
    assert from_json(400, b'{"__type": "AccessDenied", "Message": "no permission"}').message == "no permission"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"\xff"])
def test_an_answer_that_is_no_json_error_is_named_by_its_status(body: bytes) -> None:
    assert from_json(503, body).code == "Http503"
    assert from_json(503, body).may_pass


def test_an_s3_error_is_read_from_its_elements() -> None:
    error = from_xml(404, b"<?xml?><Error><Code>NoSuchKey</Code><Message>a &amp; b</Message></Error>")
    assert (error.code, error.status, error.message) == ("NoSuchKey", 404, "a & b")
    assert error.is_not_found


@pytest.mark.parametrize("body", [b"", b"<html>\xff</html>"])
def test_an_s3_answer_without_an_error_is_named_by_its_status(body: bytes) -> None:
    assert from_xml(502, body).code == "Http502"


@pytest.mark.parametrize(
    ("code", "status", "may_pass", "surely_not_done"),
    [
        ("ThrottlingException", 400, True, True),
        ("ProvisionedThroughputExceededException", 400, True, True),
        ("SlowDown", 503, True, True),
        ("Http429", 429, True, True),
        ("InternalServerError", 500, True, False),
        ("RequestTimeout", 400, True, False),
        ("ValidationException", 400, False, False),
        ("AccessDeniedException", 400, False, False),
        ("SignatureDoesNotMatch", 403, False, False),
        ("NoSuchKey", 404, False, False),
        (CONNECT_FAILED, 0, True, True),
        (ANSWER_LOST, 0, True, False),
        (DEADLINE_EXCEEDED, 0, False, False),
    ],
)
def test_an_error_shows_whether_a_retry_helps_or_harms(
    code: str, status: int, may_pass: bool, surely_not_done: bool
) -> None:
    error = AwsError(code, status, "")
    assert (error.may_pass, error.surely_not_done) == (may_pass, surely_not_done)

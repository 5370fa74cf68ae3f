"""Exceptions in the log: enough to find the fault, and never a value that foreign code quotes."""

import binascii
import http.client
import json
import ssl
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import fastjsonschema
import pytest
import redis
from botocore.exceptions import ClientError
from pg8000.exceptions import DatabaseError
from urllib3.exceptions import HeaderParsingError, LocationParseError, ProtocolError

from mediagen import worker
from mediagen.aws.errors import AwsError
from mediagen.degraded import degraded
from mediagen.errors.text import SafeMessage, describe, describe_with_causes
from mediagen.http import edge
from mediagen.media.errors import OutputUnavailable
from mediagen.records.database import StatementFailed

PROMPT = "a private prompt, fox"
ROW = {
    "S": "ERROR",
    "C": "23514",
    "M": f'new row violates check: "{PROMPT}"',
    "D": f"Failing row contains ({PROMPT}).",
    "H": PROMPT,
    "W": PROMPT,
    "q": PROMPT,
    "t": "jobs",
    "n": "jobs_prompt_check",
}


def raised(act: Callable[[], object]) -> Exception:
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def foreign() -> Iterator[Exception]:
    """Raise every kind of exception found that quotes its input."""
    yield DatabaseError(ROW)
    yield redis.ResponseError(f"unknown command 'SET', with args beginning with: '{PROMPT}'")
    yield raised(lambda: json.loads(PROMPT))
    yield raised(lambda: fastjsonschema.compile({"enum": ["a"], "type": "string"})([PROMPT]))
    yield LocationParseError(f"https://host/{PROMPT}")
    yield HeaderParsingError([], PROMPT)
    yield ProtocolError("Connection aborted.", http.client.BadStatusLine(PROMPT))
    yield http.client.InvalidURL(PROMPT)
    yield raised(lambda: PROMPT.encode("utf-16").decode("ascii"))
    yield raised(lambda: (PROMPT + "ü").encode("ascii"))
    yield raised(lambda: int(PROMPT))
    yield raised(lambda: dict[str, str]()[PROMPT])
    yield raised(lambda: open(f"/nowhere/{PROMPT}"))  # noqa: SIM115
    yield subprocess.TimeoutExpired(["ffmpeg", PROMPT], 1)
    yield subprocess.CalledProcessError(1, PROMPT, PROMPT, PROMPT)
    yield binascii.Error(PROMPT)
    yield ClientError({"Error": {"Code": "ValidationException", "Message": PROMPT}}, "PutItem")
    yield AwsError("ValidationException", 400, f"the value '{PROMPT}' is too long")
    yield AssertionError(PROMPT)


FOREIGN = [pytest.param(error, id=f"{number}-{type(error).__name__}") for number, error in enumerate(foreign())]


def told_everywhere(error: Exception) -> None:
    """Pass an exception through every place that logs one."""

    def fail(*_: object) -> Any:
        raise error

    edge.http({"requestContext": {"requestId": "r"}}, fail)
    record = {"messageId": "m", "body": "{}", "receiptHandle": "r", "attributes": {"ApproximateReceiveCount": "1"}}
    worker.queue({"Records": [record]}, fail)
    with degraded("cache"):
        fail()
    with pytest.raises(Exception) as left:
        worker.task("count", fail)
    assert PROMPT not in str(left.value)


@pytest.mark.parametrize("error", FOREIGN)
def test_no_foreign_exception_brings_a_value_into_the_log(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    own = StatementFailed(error)
    own.__cause__ = error
    for each in (error, own):
        told_everywhere(each)
    printed = capsys.readouterr()
    assert type(error).__name__ in printed.out
    assert PROMPT not in printed.out + printed.err
    assert "private" not in printed.out + printed.err


def test_a_postgresql_error_is_logged_by_its_codes_and_schema_names() -> None:
    told = "23514 integrity_constraint_violation jobs jobs_prompt_check"
    assert describe(DatabaseError(ROW)) == f"DatabaseError: {told}"
    assert describe(StatementFailed(DatabaseError(ROW))) == f"StatementFailed: {told}"


def test_a_system_error_is_logged_by_its_code() -> None:
    assert describe(ConnectionRefusedError(111, PROMPT)) == "ConnectionRefusedError: ECONNREFUSED"
    assert describe(TimeoutError(PROMPT)) == "TimeoutError"
    untrusted = ssl.SSLCertVerificationError(1, PROMPT)
    untrusted.verify_message = f"Hostname mismatch, certificate is not valid for '{PROMPT}'"
    assert describe(untrusted) == "SSLCertVerificationError: Hostname mismatch"


def test_an_aws_denial_is_logged_in_full_because_it_names_the_permission() -> None:
    denied = AwsError("AccessDeniedException", 400, "User: x is not authorized to perform: sqs:SendMessage on y")
    assert describe(denied).endswith("is not authorized to perform: sqs:SendMessage on y")


def test_our_own_messages_are_logged_with_those_of_every_cause() -> None:
    error = OutputUnavailable("status 503")
    error.__cause__ = ConnectionResetError(104, PROMPT)
    assert describe_with_causes(error) == "OutputUnavailable: status 503 from ConnectionResetError: ECONNRESET"


def test_a_chain_of_causes_has_an_end() -> None:
    error: Exception = ValueError()
    for _ in range(20):
        after = KeyError()
        after.__cause__, error = error, after
    assert len(describe_with_causes(error)) < 100


def test_the_mark_is_for_exceptions_alone() -> None:
    class Marked(SafeMessage, Exception):
        """Our own error."""

    assert describe(Marked("what happened")) == "Marked: what happened"

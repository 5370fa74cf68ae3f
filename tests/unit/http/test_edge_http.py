"""The edge of HTTP functions."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen import log
from mediagen.access.callers import TokenUser
from mediagen.errors.refusals import FieldError, InvalidFields, JobNotFound, RateLimited, Unavailable
from mediagen.http import edge
from mediagen.http.edge import Request, Response, read_request
from unit.conftest import Logged

TEXTS = st.text(max_size=20)
JSON = TEXTS | st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(TEXTS, max_size=3)
CONTEXT = {"requestId": "abc=", "authorizer": {"lambda": {"userId": "user-1"}}}
EVENT: dict[str, Any] = {
    "version": "2.0",
    "headers": {"Content-Type": "application/json", "X-ODD": "Ä"},
    "pathParameters": {"jobId": "x"},
    "queryStringParameters": {"jobId": "y"},
    "requestContext": CONTEXT,
    "body": '{"a": "é"}',
    "isBase64Encoded": False,
}


def answer(event: dict[str, Any], act: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Handle an event; return status, headers and the body's value."""
    written: Any = edge.http(event, act)
    return written["statusCode"], written["headers"], json.loads(written["body"])


def raising(error: Exception) -> Any:
    """Make a flow that fails."""

    def act(_request: Request) -> Response:
        raise error

    return act


def test_an_event_becomes_a_request_with_header_names_in_lower_case() -> None:
    assert read_request(EVENT) == Request(
        headers={"content-type": "application/json", "x-odd": "Ä"},
        path={"jobId": "x"},
        query={"jobId": "y"},
        body='{"a": "é"}'.encode(),
        user_id="user-1",
        request_id="abc=",
    )


@pytest.mark.parametrize("written", [250, "250"])
def test_a_rate_of_the_callers_own_is_known(written: object) -> None:
    context = CONTEXT | {"authorizer": {"lambda": {"userId": "user-1", "ratePerHour": written}}}
    assert read_request(EVENT | {"requestContext": context}).rate_per_hour == 250


@given(st.binary())
def test_a_base64_body_is_its_bytes(body: bytes) -> None:
    event = EVENT | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert read_request(event).body == body


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"headers": None, "body": None, "pathParameters": None, "queryStringParameters": None, "requestContext": None},
        {"requestContext": {}},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {"lambda": None}}},
        {"requestContext": {"authorizer": {"lambda": {"userId": None}}}},
        {"requestContext": {"authorizer": {"jwt": {"claims": {}}}}},
    ],
)
def test_missing_fields_are_empty_and_there_is_no_caller(event: dict[str, Any]) -> None:
    request = read_request(event)
    assert (request.headers, request.path, request.query, request.body, request.user_id) == ({}, {}, {}, b"", "")
    assert answer(event, lambda found: Response(200, {"user": found.caller()}))[0] == 401


def test_the_answer_of_a_flow_is_written_as_json() -> None:
    status, headers, body = answer(EVENT, lambda _: Response(202, {"jobId": "x"}, {"Retry-After": "2"}))
    assert (status, body) == (202, {"jobId": "x"})
    assert headers == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Request-Id": "abc=",
        "Retry-After": "2",
    }


def test_a_refusal_becomes_a_problem_document(logged: Logged) -> None:
    refusal = InvalidFields("One field.", errors=[FieldError("a", "required", "a is required.")], extra={"jobId": "x"})
    status, headers, body = answer(EVENT, raising(refusal))
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert (body["code"], body["retryable"], body["jobId"]) == ("invalid_fields", False, "x")
    assert body["errors"] == [{"path": "a", "code": "required", "message": "a is required."}]
    [line] = logged()
    assert (line["action"], line["level"]) == ("request.refused", "INFO")
    assert line["metadata"] == {"requestId": "abc=", "code": "invalid_fields"}
    assert "ServerErrors" not in line


def test_a_refusal_says_when_to_come_back_where_it_knows() -> None:
    assert answer(EVENT, raising(RateLimited("Slow.", retry_after_seconds=30)))[1]["Retry-After"] == "30"
    assert answer(EVENT, raising(RateLimited("Slow.", headers={"RateLimit": "x"})))[1]["RateLimit"] == "x"
    assert "Retry-After" not in answer(EVENT, raising(JobNotFound("There is no such job.")))[1]


def test_the_cause_of_an_internal_error_is_logged_and_not_returned(logged: Logged) -> None:
    def act(_request: Request) -> Response:
        try:
            raise ConnectionRefusedError(111, "10.0.3.7 refused")
        except ConnectionRefusedError as error:
            raise Unavailable("The database cannot be reached.", retry_after_seconds=5) from error

    status, headers, body = answer(EVENT, act)
    assert (status, headers["Retry-After"], body["retryable"]) == (503, "5", True)
    assert "10.0.3.7" not in json.dumps(body)
    [line] = logged()
    assert (line["level"], line["error"]) == ("ERROR", "ConnectionRefusedError: ECONNREFUSED")
    assert line["ServerErrors"] == 1


@pytest.mark.parametrize(
    "error", [ValueError("secret"), KeyError("secret"), RecursionError("secret"), OSError("secret")]
)
def test_an_unexpected_error_says_nothing_to_the_caller_and_its_kind_and_place_to_the_log(
    error: Exception, logged: Logged
) -> None:
    status, headers, body = answer(EVENT, raising(error))
    assert (status, headers["Content-Type"]) == (500, "application/problem+json")
    assert (body["code"], body["retryable"]) == ("internal_error", True)
    assert "secret" not in json.dumps(body)
    assert type(error).__name__ not in json.dumps(body)
    [line] = logged()
    assert (line["action"], line["level"], line["metadata"]["requestId"]) == ("unexpected_error", "ERROR", "abc=")
    assert line["error"] == type(error).__name__
    assert "in act" in line["metadata"]["trace"][-1]
    assert line["ServerErrors"] == 1


@pytest.mark.parametrize(
    ("event", "act"),
    [
        (EVENT | {"body": "a", "isBase64Encoded": True}, lambda _: Response(200, {})),
        (EVENT | {"body": "\ud800"}, lambda _: Response(200, {})),
        (EVENT, lambda _: Response(200, {"cost": Decimal(1)})),
        (EVENT, lambda _: None),
    ],
)
def test_an_unreadable_event_and_an_unwritable_answer_are_unexpected_errors_too(
    event: dict[str, Any], act: Any, logged: Logged
) -> None:
    assert answer(event, act)[0] == 500
    assert [line["action"] for line in logged()] == ["unexpected_error"]


@given(st.dictionaries(TEXTS, JSON, max_size=4))
def test_any_answer_of_a_flow_can_be_read_back(body: dict[str, Any]) -> None:
    assert answer(EVENT, lambda _: Response(200, body))[2] == body


def test_the_body_and_the_headers_of_a_request_are_never_logged(logged: Logged) -> None:
    event = EVENT | {"headers": {"Authorization": "Bearer vsl_x_secret"}, "body": "a private prompt"}
    answer(event, raising(ValueError("no")))
    answer(event, raising(JobNotFound("There is no such job.")))
    text = json.dumps(logged())
    assert "secret" not in text
    assert "prompt" not in text


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_body_has_no_body_and_no_type_of_one(status: int) -> None:
    written: Any = edge.http(EVENT, lambda _: Response(status, {}, {"ETag": 'W/"1"'}))
    assert (written["statusCode"], written["body"]) == (status, "")
    assert written["headers"] == {"Cache-Control": "no-store", "X-Request-Id": "abc=", "ETag": 'W/"1"'}


def test_a_text_is_answered_as_it_is_with_its_own_type() -> None:
    written: Any = edge.http(EVENT, lambda _: Response(200, {}, {"Cache-Control": "x"}, "é", "text/plain"))
    assert (written["statusCode"], written["body"]) == (200, "é")
    assert written["headers"] == {"Content-Type": "text/plain", "Cache-Control": "x", "X-Request-Id": "abc="}


def test_a_clients_own_request_id_is_not_taken_for_ours(logged: Logged) -> None:
    event = EVENT | {"headers": {"X-Request-Id": "of somebody else"}}
    assert answer(event, raising(JobNotFound("There is no such job.")))[1]["X-Request-Id"] == "abc="
    assert "somebody" not in json.dumps(logged())


def test_what_a_flow_logs_names_the_request_and_what_comes_after_does_not(logged: Logged) -> None:
    def act(_request: Request) -> Response:
        log.event("inside", metadata={"more": 1})
        return Response(200, {})

    answer(EVENT, act)
    log.event("outside")
    assert [line["metadata"] for line in logged()] == [{"requestId": "abc=", "more": 1}, {}]


def calling(context: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return the caller in the context of a request."""
    return answer(
        EVENT | {"requestContext": context}, lambda request: Response(200, {"user": request.caller(request.query)})
    )


def test_a_wrong_key_from_an_address_that_sent_too_many_is_429_and_when_to_come_back() -> None:
    context = {"timeEpoch": 1_763_830_800_123, "authorizer": {"lambda": {"userId": "", "slowedUntil": "1763831000"}}}
    status, headers, body = calling(context)
    assert (status, headers["Retry-After"]) == (429, "200")
    assert (body["code"], body["retryable"]) == ("too_many_failures", True)


def test_the_caller_is_the_user_that_the_token_names() -> None:
    claims = {"iss": "https://login.example.com/", "sub": "ada"}
    status, _, body = calling({"authorizer": {"jwt": {"claims": claims, "scopes": None}}})
    assert (status, body["user"]) == (200, TokenUser(claims["iss"], "ada").id)


def test_an_address_is_never_taken_from_what_the_client_says() -> None:
    event = EVENT | {
        "headers": {"X-Forwarded-For": "198.51.100.7"},
        "requestContext": {"http": {"sourceIp": "192.0.2.1"}},
    }
    assert read_request(event).source == "192.0.2.1"

"""The judge of answers finds every fault."""

import json
from typing import Any

import pytest

from contract.answers import Judge, judge

ID = {"X-Request-Id": "abc="}
JSON = ID | {"Content-Type": "application/json"}
PROBLEM = ID | {"Content-Type": "application/problem+json"}
PAGE: dict[str, Any] = {"jobs": [], "nextCursor": None}
REFUSAL = {
    "type": "urn:vsl:problem:unauthorized",
    "title": "Unauthorized",
    "status": 401,
    "code": "unauthorized",
    "detail": "No.",
    "retryable": False,
}


@pytest.fixture(scope="module")
def by_document() -> Judge:
    return judge()


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [(200, JSON, PAGE), (401, PROBLEM, REFUSAL), (401, {"content-type": "application/json"}, {"message": "No"})],
)
def test_a_right_answer_has_no_fault(by_document: Judge, status: int, headers: dict[str, str], body: Any) -> None:
    assert by_document.faults("GET /jobs", status, headers, json.dumps(body)) == []


@pytest.mark.parametrize(
    ("route", "status", "headers", "body", "fault"),
    [
        ("GET /nowhere", 200, JSON, {}, "is not in the document"),
        ("GET /jobs", 418, JSON, {}, "which the document does not know"),
        ("GET /jobs", 200, JSON | {"X-New": "1"}, PAGE, "the header x-new is not documented"),
        ("GET /jobs", 200, {"Content-Type": "application/json"}, PAGE, "the header x-request-id is missing"),
        ("GET /jobs", 200, PROBLEM, PAGE, "the type application/problem+json is not documented"),
        ("GET /jobs", 200, ID, None, "there is no body"),
        ("GET /jobs", 200, JSON, PAGE | {"more": 1}, "'more' was unexpected"),
        ("GET /jobs", 200, JSON, {"jobs": []}, "'nextCursor' is a required property"),
        ("GET /jobs", 401, PROBLEM, REFUSAL | {"code": "job_not_found"}, "'job_not_found' is not one of"),
        ("GET /jobs", 401, PROBLEM, REFUSAL | {"vendor": "x"}, "'vendor' was unexpected"),
        ("GET /jobs", 503, JSON | {"Retry-After": "soon"}, {"message": "No"}, "'soon' is not of type 'integer'"),
    ],
)
def test_each_fault_is_named(
    by_document: Judge, route: str, status: int, headers: dict[str, str], body: Any, fault: str
) -> None:
    found = by_document.faults(route, status, headers, "" if body is None else json.dumps(body))
    assert any(fault in each for each in found)


def test_an_undocumented_body_is_a_fault(by_document: Judge) -> None:
    headers = ID | {"ETag": '"x"'}
    assert by_document.faults("GET /docs", 304, headers, "") == []
    assert by_document.faults("GET /docs", 304, headers, "text") != []


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [({"type": "string", "format": "date-time"}, "yesterday"), ({"type": "string", "format": "uri"}, "no scheme")],
)
def test_formats_are_looked_at(by_document: Judge, schema: dict[str, Any], wrong: str) -> None:
    assert by_document.of_schema(schema, wrong) != []


def test_an_address_matches_the_gateways_route(by_document: Judge) -> None:
    assert by_document.route_of("GET", "/models/flux-schnell") == "GET /models/{modelId}"
    assert by_document.route_of("GET", "/jobs") == "GET /jobs"
    assert by_document.route_of("GET", "/nowhere") is None

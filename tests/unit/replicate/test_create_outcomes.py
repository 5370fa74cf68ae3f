"""Replicate's answers to a create call: paid, free to resubmit, or unclear."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.replicate.create_outcomes import Accepted, NotTaken, Refused, Unknown, read_outcome

FIELDS = [{"type": "enum", "field": "input.output_format", "description": "must be one of"}]


def outcome(status: int, body: Any) -> Any:
    return read_outcome(status, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_prediction_is_accepted(status: int) -> None:
    assert outcome(status, {"id": "p1", "status": "starting"}) == Accepted({"id": "p1", "status": "starting"})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b"{}", b'{"id": ""}', b'{"id": null}', b"[" * 100_000]
)
def test_a_success_without_a_prediction_is_unclear(body: bytes) -> None:
    assert isinstance(outcome(201, body), Unknown)


@pytest.mark.parametrize("status", [100, 204, 301, 302, 307, 308, 408, 500, 502, 503, 504, 520, 524, 599])
@pytest.mark.parametrize("body", [b"", b'{"id": "p1"}', b"<html>"])
def test_a_call_that_may_have_been_accepted_is_never_repeated_on_a_guess(status: int, body: bytes) -> None:
    assert outcome(status, body) == Unknown(f"status {status}")


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"detail": "Request was throttled.", "status": 429, "retry_after": 5}, 5),
        ({"retry_after": 12}, 12),
        ({"retry_after": 0}, 1),
        ({"retry_after": 0.2}, 1),
        ({"retry_after": 1.5}, 2),
        ({"retry_after": 900}, 900),
        ({}, 5),
        ({"retry_after": None}, 5),
        ({"retry_after": "30"}, 5),
        ({"retry_after": -3}, 5),
        ({"retry_after": 10**30}, 5),
        (b'{"retry_after": 1e999}', 5),
        (b'{"retry_after": NaN}', 5),
        (b"", 5),
        (b"<html>", 5),
        ([5], 5),
    ],
)
def test_a_throttled_job_is_free_and_waits_for_the_seconds_of_the_body(body: Any, seconds: int) -> None:
    assert outcome(429, body) == NotTaken("throttled", seconds)


@pytest.mark.parametrize("status", [401, 402, 403])
@pytest.mark.parametrize("body", [b"", b'{"title": "Insufficient credit", "detail": "You have insufficient credit"}'])
def test_an_account_problem_alerts_the_operator_and_shows_no_text_of_replicate(status: int, body: bytes) -> None:
    found = outcome(status, body)
    assert found == NotTaken(f"account problem, status {status}", 300, operators_fault=True)


def test_a_missing_model_is_refused() -> None:
    assert outcome(404, {"title": "Not found"}) == Refused("model_unavailable")


def test_a_version_that_may_not_be_used_is_an_unavailable_model() -> None:
    body = {"title": "Invalid version or not permitted", "detail": "The specified version does not exist"}
    assert outcome(422, body) == Refused("model_unavailable")


def test_refused_params_keep_the_fields_that_replicate_names() -> None:
    body = {"title": "Input validation failed", "detail": "- input.output_format", "invalid_fields": FIELDS}
    assert outcome(422, body) == Refused("invalid_params", tuple(FIELDS))


@pytest.mark.parametrize("fields", [None, "input.fps", {}, [], ["input.fps"], [None, 3], [[]]])
def test_malformed_fields_are_left_out(fields: Any) -> None:
    assert outcome(422, {"title": "Input validation failed", "invalid_fields": fields}) == Refused("invalid_params")


@pytest.mark.parametrize("status", [400, 405, 409, 410, 413, 415, 422])
@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"title": null}', b'{"title": 3}'])
def test_every_other_refusal_is_final(status: int, body: bytes) -> None:
    assert outcome(status, body) == Refused("invalid_params")


@given(st.integers(100, 599), st.binary(max_size=60))
def test_every_answer_has_a_meaning_and_only_a_success_is_accepted(status: int, body: bytes) -> None:
    found = read_outcome(status, body)
    assert not isinstance(found, Accepted) or status in {200, 201, 202}

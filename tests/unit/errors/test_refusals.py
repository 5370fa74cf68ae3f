"""Problem documents (RFC 9457)."""

import json
from collections.abc import Iterator

import pytest

from mediagen.errors import refusals
from mediagen.errors.problems import problem
from mediagen.errors.refusals import FieldError, InvalidFields, JobNotFound, RateLimited, Refusal


def all_refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from all_refusals(subclass)


KINDS = list(all_refusals())


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_a_problem_document_with_code_detail_and_retryable(kind: type[Refusal]) -> None:
    document = problem(kind("Because."))
    assert list(document) == ["type", "title", "status", "code", "detail", "retryable"]
    assert document["type"] == f"urn:vsl:problem:{document['code']}"
    assert document["detail"] == "Because."
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(
    ("name", "status", "code", "retryable"),
    [
        ("InvalidRequest", 400, "invalid_request", False),
        ("InvalidJobId", 400, "invalid_job_id", False),
        ("InvalidIdempotencyKey", 400, "invalid_idempotency_key", False),
        ("Unauthorized", 401, "unauthorized", False),
        ("InvalidSignature", 401, "invalid_signature", False),
        ("JobNotFound", 404, "job_not_found", False),
        ("BatchNotFound", 404, "batch_not_found", False),
        ("ModelNotFound", 404, "model_not_found", False),
        ("JobFinished", 409, "job_finished", False),
        ("JobRunning", 409, "job_running", False),
        ("NoCallback", 409, "no_callback", False),
        ("TooManySecrets", 409, "too_many_secrets", False),
        ("BodyTooLarge", 413, "body_too_large", False),
        ("UnsupportedContentType", 415, "unsupported_content_type", False),
        ("InvalidFields", 422, "invalid_fields", False),
        ("UnknownModel", 422, "unknown_model", False),
        ("BatchRefused", 422, "batch_refused", False),
        ("IdempotencyKeyReused", 422, "idempotency_key_reused", False),
        ("RateLimited", 429, "rate_limited", True),
        ("TooManyFailures", 429, "too_many_failures", True),
        ("TooManyDeliveries", 429, "too_many_deliveries", True),
        ("InternalError", 500, "internal_error", True),
        ("Unavailable", 503, "unavailable", True),
        ("ModelUnavailable", 503, "model_unavailable", True),
    ],
)
def test_each_refusal_has_its_status_and_code(name: str, status: int, code: str, retryable: bool) -> None:
    document = problem(getattr(refusals, name)("Because."))
    assert (document["status"], document["code"], document["retryable"]) == (status, code, retryable)


def test_the_table_above_is_complete_and_codes_are_unique() -> None:
    assert len(KINDS) == 26
    assert len({kind.code for kind in KINDS}) == 26


def test_a_field_error_says_where_what_and_what_is_allowed() -> None:
    error = FieldError("params.fps", "maximum", "params.fps must be smaller than or equal to 30", 30)
    assert problem(InvalidFields("One field.", errors=[error]))["errors"] == [
        {"path": "params.fps", "code": "maximum", "message": error.message, "allowed": 30}
    ]


@pytest.mark.parametrize("allowed", [0, False, "", []])
def test_an_allowed_value_that_is_empty_is_still_said(allowed: object) -> None:
    assert FieldError("a", "b", "c", allowed).document()["allowed"] == allowed


def test_an_error_without_details_shows_none() -> None:
    assert "allowed" not in FieldError("a", "required", "a is required.").document()
    assert "errors" not in problem(JobNotFound("There is no such job."))


def test_extra_members_stand_beside_the_standard_ones() -> None:
    assert problem(InvalidFields("No.", extra={"jobId": "x"}))["jobId"] == "x"
    assert RateLimited("Slow down.", retry_after_seconds=7).retry_after_seconds == 7

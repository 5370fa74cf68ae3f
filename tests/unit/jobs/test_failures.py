"""Reasons of job failures, in our words."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.jobs.failure_texts import FAILURE_TEXTS
from mediagen.jobs.failures import failure, failure_from_replicate, is_unknown_text
from mediagen.media.errors import RefusalCode

JSON = st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.text(), max_size=3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NSFW content detected. Try running it again, or try a different prompt.", "content_refused"),
        ("The input or output was flagged as sensitive. (E005)", "content_refused"),
        ("blocked by the Content Policy", "content_refused"),
        ("The input or output was flagged as potentially sensitive by the safety system.", "content_refused"),
        ("Content moderated (E005)", "content_refused"),
        ("Request violates Google's Responsible AI practices", "content_refused"),
        ("Rejected by content moderation.", "content_refused"),
        ("Your request was prohibited by safety system", "content_refused"),
        ("finish reason: PROHIBITED_CONTENT", "content_refused"),
        ("error code: moderation_blocked", "content_refused"),
        ("Input validation error: input_image: 404 Client Error", "input_unreadable"),
        ("Prediction failed. E1001: the model ran out", "out_of_memory"),
        ("CUDA out of memory. Tried to allocate 20.00 MiB", "out_of_memory"),
        ("Prediction interrupted; please retry (code: E6716)", "model_unavailable"),
        ("E1000 unknown error", "generation_failed"),
        ("", "generation_failed"),
        (None, "generation_failed"),
        ({"detail": "out of memory"}, "out_of_memory"),
        (["E1001"], "out_of_memory"),
    ],
)
def test_the_errors_a_client_can_act_on_are_recognised(text: object, code: str) -> None:
    assert failure_from_replicate(text).code == code


@pytest.mark.parametrize("line", FAILURE_TEXTS, ids=lambda line: line[1])
def test_every_line_of_the_table_is_reached_and_dated(line: tuple[str, str, str]) -> None:
    code, part, seen = line
    assert (failure_from_replicate(part.upper()).code, part) == (code, part.lower())
    assert re.fullmatch(r"20\d\d-\d\d", seen)


@pytest.mark.parametrize(("text", "unknown"), [("CUDA error", True), ("NSFW", False), ("E1000", False), ("", False)])
def test_a_text_that_no_line_matches_is_unknown(text: str, unknown: bool) -> None:
    assert is_unknown_text(text) is unknown


@given(JSON)
def test_replicates_words_never_reach_a_client(text: object) -> None:
    found = failure_from_replicate(text)
    assert found == failure(found.code)


@given(st.text(min_size=1))
def test_the_document_of_a_failure_is_what_the_api_shows(text: str) -> None:
    document = failure_from_replicate(text).document()
    assert set(document) == {"code", "message", "retryable"}
    assert isinstance(document["retryable"], bool)


def test_a_code_outside_the_catalogue_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        failure("whatever")


@pytest.mark.parametrize("code", sorted(set(get_args(RefusalCode.__value__)) - {"media_expired"}))
def test_every_reason_to_refuse_an_output_is_in_the_catalogue(code: str) -> None:
    assert failure(code).code == code


@pytest.mark.parametrize(
    ("code", "retryable"), [("invalid_params", False), ("deadline_exceeded", True), ("output_too_large", False)]
)
def test_a_failure_says_whether_a_retry_can_help(code: str, retryable: bool) -> None:
    assert failure(code).retryable is retryable

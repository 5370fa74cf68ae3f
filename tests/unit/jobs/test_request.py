"""A client's request for a job."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.errors.problems import problem
from mediagen.errors.refusals import InvalidFields, InvalidRequest, Refusal, UnsupportedContentType
from mediagen.http.bodies import read_json_object
from mediagen.jobs.request import MediaRequest, read_wanted

GOOD = {"mediaType": "image", "modelId": "flux-schnell"}
NAMES = ["callbackUrl", "deadlineSeconds", "mediaType", "metadata", "modelId", "params", "prompt"]
MOST = 9_007_199_254_740_991
PLAIN = ["string", "number", "boolean"]
KEYS = {"minLength": 1, "maxLength": 40}
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(), max_size=2)


def wanted(body: Any, content_type: str = "application/json") -> MediaRequest:
    """Parse a request body as received."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_wanted(read_json_object(raw, content_type))


def errors(body: Any) -> list[tuple[str, str, object]]:
    """Return path, code and allowed values of each error."""
    with pytest.raises(InvalidFields) as caught:
        wanted(body)
    return [(error.path, error.code, error.allowed) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (GOOD, {}),
        (GOOD | {"params": {}}, {}),
        (GOOD | {"params": {"seed": 1}}, {"seed": 1}),
        (GOOD | {"prompt": "a lighthouse"}, {"prompt": "a lighthouse"}),
        (GOOD | {"prompt": "a", "params": {"seed": 1}}, {"seed": 1, "prompt": "a"}),
        (GOOD | {"params": {"prompt": "a"}}, {"prompt": "a"}),
    ],
)
def test_a_prompt_is_short_for_params_prompt(body: dict[str, Any], params: dict[str, Any]) -> None:
    assert wanted(body) == MediaRequest("image", "flux-schnell", params)


def test_notes_and_a_deadline_are_read_as_they_are_given() -> None:
    notes = {"k" * 40: "x" * 500, "n": MOST, "f": -0.5, "b": False, "{x}": "", "ü": "日本 🎬"}
    read = wanted(GOOD | {"metadata": notes, "deadlineSeconds": 60.0})
    assert read == MediaRequest("image", "flux-schnell", {}, metadata=notes, deadline_seconds=60)
    assert isinstance(read.deadline_seconds, int)


def test_all_that_plain_texts_can_say_fits() -> None:
    notes = {f"{number:040}": "x" * 500 for number in range(16)}
    assert wanted(GOOD | {"metadata": notes}).metadata == notes


def test_a_prompt_given_twice_is_refused() -> None:
    assert errors(GOOD | {"prompt": "a", "params": {"prompt": "a"}}) == [("prompt", "duplicate", None)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("mediaType", "required", None), ("modelId", "required", None)]),
        (GOOD | {"mediaType": "text"}, [("mediaType", "enum", ["video", "image", "audio"])]),
        (GOOD | {"mediaType": None}, [("mediaType", "enum", ["video", "image", "audio"])]),
        (GOOD | {"mediaType": ["image"]}, [("mediaType", "enum", ["video", "image", "audio"])]),
        (GOOD | {"modelId": ""}, [("modelId", "minLength", 1)]),
        (GOOD | {"modelId": "x" * 101}, [("modelId", "maxLength", 100)]),
        (GOOD | {"modelId": 5}, [("modelId", "type", "string")]),
        (GOOD | {"params": []}, [("params", "type", "object")]),
        (GOOD | {"params": None}, [("params", "type", "object")]),
        (GOOD | {"params": {str(n): n for n in range(65)}}, [("params", "maxProperties", 64)]),
        (GOOD | {"prompt": ""}, [("prompt", "minLength", 1)]),
        (GOOD | {"prompt": "x" * 20_001}, [("prompt", "maxLength", 20_000)]),
        (GOOD | {"prompt": None}, [("prompt", "type", "string")]),
        (GOOD | {"metadata": []}, [("metadata", "type", "object")]),
        (GOOD | {"metadata": {str(n): n for n in range(17)}}, [("metadata", "maxProperties", 16)]),
        (GOOD | {"metadata": {"": 1}}, [("metadata", "propertyNames", KEYS)]),
        (GOOD | {"metadata": {"k" * 41: 1}}, [("metadata", "propertyNames", KEYS)]),
        (GOOD | {"metadata": {"a": "x" * 501}}, [("metadata.a", "maxLength", 500)]),
        (GOOD | {"metadata": {"a": None}}, [("metadata.a", "type", PLAIN)]),
        (GOOD | {"metadata": {"a": {}}}, [("metadata.a", "type", PLAIN)]),
        (GOOD | {"metadata": {"a": MOST + 1}}, [("metadata.a", "maximum", MOST)]),
        (GOOD | {"metadata": {"a": -MOST - 1}}, [("metadata.a", "minimum", -MOST)]),
        (GOOD | {"metadata": {str(n): "🎬" * 500 for n in range(16)}}, [("metadata", "maxLength", 16384)]),
        (GOOD | {"deadlineSeconds": 29}, [("deadlineSeconds", "minimum", 30)]),
        (GOOD | {"deadlineSeconds": 30.5}, [("deadlineSeconds", "type", "integer")]),
        (GOOD | {"deadlineSeconds": "60"}, [("deadlineSeconds", "type", "integer")]),
        (GOOD | {"deadlineSeconds": True}, [("deadlineSeconds", "type", "integer")]),
        (GOOD | {"callbackUrl": ""}, [("callbackUrl", "minLength", 1)]),
        (GOOD | {"callbackUrl": "https://a.com/" + "x" * 2048}, [("callbackUrl", "maxLength", 2048)]),
        (GOOD | {"callbackUrl": None}, [("callbackUrl", "type", "string")]),
        (GOOD | {"webhook": "https://a"}, [("webhook", "unknown", NAMES)]),
        (
            {"mediaType": "text", "prompt": 1, "x": 1},
            [
                ("modelId", "required", None),
                ("mediaType", "enum", ["video", "image", "audio"]),
                ("prompt", "type", "string"),
                ("x", "unknown", NAMES),
            ],
        ),
    ],
)
def test_every_wrong_field_is_named_with_what_is_allowed(
    body: dict[str, Any], expected: list[tuple[str, str, object]]
) -> None:
    assert errors(body) == expected


def test_the_answer_to_a_body_of_wrong_fields_fits_into_an_answer() -> None:
    body = b"{" + b",".join(b'"%d":1' % number for number in range(20_000)) + b"}"
    with pytest.raises(InvalidFields) as caught:
        wanted(body)
    assert len(json.dumps(problem(caught.value))) < 100_000


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"a"', b"null"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        wanted(body)


def test_a_body_that_is_not_called_json_is_refused() -> None:
    with pytest.raises(UnsupportedContentType):
        wanted(GOOD, "")


@given(st.dictionaries(st.sampled_from([*NAMES, "x"]), VALUES))
def test_whatever_a_client_sends_is_read_or_refused(body: dict[str, Any]) -> None:
    try:
        assert wanted(body).media_type in ("video", "image", "audio")
    except Refusal as refusal:
        assert 400 <= refusal.status < 500

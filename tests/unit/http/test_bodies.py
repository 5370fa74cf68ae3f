"""JSON bodies from untrusted clients."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.errors.refusals import BodyTooLarge, InvalidRequest, Refusal, UnsupportedContentType
from mediagen.http.bodies import MAX_BYTES, read_json_object
from mediagen.http.validation import MAX_DEPTH

JSON_TYPE = "application/json"
TEXTS = st.text(st.characters(exclude_characters="\0\ufffd", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.booleans())
def test_any_ordinary_object_is_read_as_it_was_written(value: dict[str, Any], is_ascii: bool) -> None:
    assert read_json_object(json.dumps(value, ensure_ascii=is_ascii).encode(), JSON_TYPE) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        assert isinstance(read_json_object(body, JSON_TYPE), dict)
    except Refusal as refusal:
        assert refusal.status == 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not JSON: Expecting value at line 1, column 1."),
        (b"{", "Expecting property name enclosed in double quotes at line 1, column 2."),
        (b"{'a': 1}", "not JSON: .* column 2"),
        (b'{"a": 1,\n"b" 2}', "Expecting ':' delimiter at line 2, column 5."),
        (b'{"a": 1}{}', "Extra data at line 1, column 9."),
        (b"\xff\xfe\xfd", "The body is not UTF-8: byte 0 is invalid."),
        (b'{"a": "caf\xe9"}', "The body is not UTF-8: byte 10 is invalid."),
        ('{"a": "caf\ufffd"}'.encode(), "character 10 is U\\+FFFD"),
        (b'{"a": NaN}', "NaN is not a JSON value."),
        (b'{"a": Infinity}', "Infinity is not a JSON value."),
        (b'{"a": -Infinity}', "-Infinity is not a JSON value."),
        (b'{"a": 1e999}', "The number 1e999 is out of range."),
        (b'{"a": [-1e999]}', "The number -1e999 is out of range."),
        (b'{"a": ' + str(2**70).encode() + b"}", r"A whole number has 22 characters; 20 are allowed \(64 bits\)."),
        (b'{"a": -' + b"9" * 20 + b"}", "A whole number has 21 characters"),
        (b'{"a": ' + b"9" * 5000 + b"}", "A whole number has 5000 characters"),
        (b'{"a": 1, "a": 2}', 'The name "a" appears twice in the body.'),
        (b'{"a": 1, "b": {"a": 1, "c": 2, "a": 3}}', 'The name "a" appears twice in b.'),
        (b'{"b": [{}, {"c": {"a": 1, "a": 1}}]}', r'The name "a" appears twice in b\[1\].c.'),
        (b'{"b": {"a": 1, "a": 2}, "b": 3}', 'The name "b" appears twice in the body.'),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (b'{"\\udc00": 1}', "half of a surrogate pair"),
        (b"[" * 100_000, "nested deeper than 16 levels"),
        (b'{"a":' * 40_000, "nested deeper than 16 levels"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_what_is_not_json_or_no_value_others_can_hold_is_named(body: bytes, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        read_json_object(body, JSON_TYPE)


def test_an_escaped_replacement_character_is_meant() -> None:
    assert read_json_object(rb'{"a": "\ufffd"}', JSON_TYPE) == {"a": "\ufffd"}


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1", b"true", b"[{}]"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="must be a JSON object"):
        read_json_object(body, JSON_TYPE)


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a": "\u0000"}',
        rb'{"a\u0000": 1}',
        rb'{"a": ["x\u0000y"]}',
        rb'{"a": "\\\u0000"}',
        rb'{"a": "\u0000\u0000"}',
    ],
)
def test_a_nul_character_is_refused_wherever_it_is(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="NUL"):
        read_json_object(body, JSON_TYPE)


@pytest.mark.parametrize("body", [rb'{"a": "\\u0000"}', rb'{"a": "\\\\u0000"}', rb'{"a": "u0000"}'])
def test_a_text_that_only_looks_like_a_nul_is_read(body: bytes) -> None:
    assert read_json_object(body, JSON_TYPE) == json.loads(body)


@given(st.text(st.sampled_from("\\u0\0"), max_size=12))
def test_exactly_the_texts_with_a_nul_are_refused(text: str) -> None:
    try:
        read_json_object(json.dumps({"a": text}).encode(), JSON_TYPE)
    except InvalidRequest:
        assert "\0" in text
    else:
        assert "\0" not in text


@pytest.mark.parametrize("levels", [MAX_DEPTH, 500])
@pytest.mark.parametrize("kind", ["list", "object"])
def test_deep_nesting_is_refused(levels: int, kind: str) -> None:
    inner = b"[" * levels + b"1" + b"]" * levels if kind == "list" else b'{"x":' * levels + b"1" + b"}" * levels
    with pytest.raises(InvalidRequest, match="nested"):
        read_json_object(b'{"a":' + inner + b"}", JSON_TYPE)


def test_nesting_up_to_the_limit_is_read() -> None:
    levels = MAX_DEPTH - 1
    assert read_json_object(b'{"a":' + b"[" * levels + b"]" * levels + b"}", JSON_TYPE)


def test_a_body_is_too_large_from_the_first_byte_over_the_limit() -> None:
    body = b'{"a": "' + b"x" * (MAX_BYTES - 9) + b'"}'
    assert len(body) == MAX_BYTES
    assert read_json_object(body, JSON_TYPE)
    with pytest.raises(BodyTooLarge) as caught:
        read_json_object(body + b" ", JSON_TYPE)
    assert caught.value.status == 413


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_json_by_any_spelling_is_read(content_type: str) -> None:
    assert read_json_object(b'{"a": "\xc3\xa9"}', content_type) == {"a": "é"}


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"]
)
def test_another_type_is_refused_before_the_body_is_looked_at(content_type: str) -> None:
    with pytest.raises(UnsupportedContentType) as caught:
        read_json_object(b"{", content_type)
    assert caught.value.status == 415


@pytest.mark.parametrize("number", [0, -1, 2**53, 2**63, 2**64 - 1, -(2**63)])
def test_whole_numbers_of_64_bits_are_exact(number: int) -> None:
    assert read_json_object(f'{{"a": {number}}}'.encode(), JSON_TYPE) == {"a": number}


def test_a_name_that_appears_twice_among_very_many_is_found_in_little_time() -> None:
    """Comparing each name with each other took 96 s of a processor for 1 MB."""
    body = ",".join(f'"{name}":0' for name in [*range(80_000), 79_999])
    started = time.process_time()
    with pytest.raises(InvalidRequest, match='"79999" appears twice'):
        read_json_object(f"{{{body}}}".encode(), JSON_TYPE, most=2**20)
    assert time.process_time() - started < 5

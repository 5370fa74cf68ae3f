"""Untrusted JSON is converted to values that strict JSON and PostgreSQL accept."""

import json

import pytest

from mediagen.strict_json import read_json, storable


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"x": NaN, "y": [Infinity, -Infinity, 1.5, -3]}', {"x": "NaN", "y": ["Infinity", "-Infinity", 1.5, -3]}),
        ('{"x": 1e999, "y": -1e999, "z": 1e308}', {"x": "1e999", "y": "-1e999", "z": 1e308}),
        ("9" * 5000, "9" * 5000),
        ('"\\ud800a\\udfff\\u0000"', "\ufffda\ufffd\ufffd"),
        ('{"\\uD83D": "\\uD83D\\uDE00"}', {"\ufffd": "\U0001f600"}),
        ('"\\\\ud800 \\\\u0000"', "\\ud800 \\u0000"),  # an escaped escape is plain text
        (b'"caf\xc3\xa9 \xff"', "caf\u00e9 \ufffd"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),  # a surrogate in the bytes
        ("null", None),
    ],
)
def test_values_that_strict_json_lacks_become_text(body: str | bytes, expected: object) -> None:
    value = read_json(body)
    assert value == expected
    assert json.loads(json.dumps(value, allow_nan=False).encode()) == expected


@pytest.mark.parametrize("body", ["", "{", "nan", b"\xff", "[" * 100_000])
def test_invalid_json_is_refused(body: str | bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read_json(body)


def test_values_of_any_shape_become_storable() -> None:
    odd = {"a\ud800": (float("nan"), {"b": "\x00"}), 1: True, "n": None}
    assert storable(odd) == {"a\ufffd": ["nan", {"b": "\ufffd"}], "1": True, "n": None}

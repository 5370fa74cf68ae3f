"""Idempotency keys: well-formed ones, and equal bodies."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.errors.refusals import InvalidIdempotencyKey
from mediagen.jobs.idempotency import Claim, fingerprint, read_claim
from unit.samples import NOW

BODY = {"prompt": "ä", "params": {"seed": 1, "fps": 2.5}}
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


def claim(key: str) -> Claim | None:
    """Return the claim of a request with a key."""
    return read_claim({"idempotency-key": key}, "user-1", BODY, NOW)


def test_a_request_without_a_key_claims_nothing() -> None:
    assert read_claim({"content-type": "application/json"}, "user-1", BODY, NOW) is None


@pytest.mark.parametrize("key", ["a", "XaX", "~" * 255, '"8e03978e-40d5"', "order 17; second try"])
def test_a_key_is_taken_as_it_was_given(key: str) -> None:
    assert claim(key) == Claim("user-1", key, fingerprint(BODY), NOW)


def test_spaces_around_a_key_are_not_part_of_it() -> None:
    assert claim(" a\t") == claim("a")


@pytest.mark.parametrize(
    "key", ["", " ", "a" * 256, "schlüssel", "a\nb", "a\tb", "a\0", "a\n", "\ra", "\u00a0a", "🍎", "a\x7f", "one,two"]
)
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidIdempotencyKey):
        claim(key)


def test_a_key_lives_for_a_day() -> None:
    assert Claim("user-1", "a", b"", NOW).outlives == NOW - timedelta(hours=24)


def test_a_fingerprint_is_the_same_in_every_release() -> None:
    assert fingerprint({"b": [1, 2], "a": "ä"}) == hashlib.sha256(b'{"a":"\\u00e4","b":[1,2]}').digest()


@pytest.mark.parametrize(
    "text",
    [
        '{"params":{"fps":2.5,"seed":1},"prompt":"ä"}',
        '{"prompt": "\\u00e4", "params": {"fps": 25e-1, "seed": 1}}',
        '{"prompt": "x", "prompt": "ä", "params": {"seed": 1, "fps": 2.50}}',
    ],
)
def test_the_same_body_may_be_written_in_another_way(text: str) -> None:
    assert fingerprint(json.loads(text)) == fingerprint(BODY)


@pytest.mark.parametrize(
    "other",
    [
        {},
        BODY | {"prompt": "a"},
        BODY | {"params": {"seed": "1", "fps": 2.5}},
        BODY | {"params": {"seed": True, "fps": 2.5}},
        BODY | {"params": {"seed": 1}},
        BODY | {"more": None},
    ],
)
def test_another_body_has_another_fingerprint(other: dict[str, Any]) -> None:
    assert fingerprint(other) != fingerprint(BODY)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_a_body_sent_again_has_its_fingerprint(body: dict[str, Any]) -> None:
    again = json.loads(json.dumps(dict(reversed(body.items())), indent=1, ensure_ascii=False))
    assert fingerprint(again) == fingerprint(body)

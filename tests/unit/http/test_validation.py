"""Finding all errors of a document at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.errors.refusals import FieldError
from mediagen.http.validation import MAX_DEPTH, MAX_ERRORS, InvalidValue, depth, find_errors


def must_be_small(value: Any, name_prefix: str = "data") -> None:
    if value > 9:
        raise InvalidValue(f"{name_prefix} is too large", value, name_prefix, {"maximum": 9}, "maximum")


TEXTS = st.text("ab", max_size=2)
CHECKS = {"a": must_be_small, "b": must_be_small}


def nested(levels: int, kind: str = "list") -> Any:
    value: Any = "leaf"
    for _ in range(levels):
        value = [value] if kind == "list" else {"x": value}
    return value


def test_every_error_is_found_with_its_path_its_rule_and_what_is_allowed() -> None:
    errors = find_errors({"a": 10, "c": 1}, CHECKS, required=["b"], prefix="params.")
    assert errors == [
        FieldError("params.b", "required", "params.b is required."),
        FieldError("params.a", "maximum", "params.a is too large", 9),
        FieldError("params.c", "unknown", "params.c is not known here.", ["a", "b"]),
    ]


def test_nothing_wrong_is_no_error() -> None:
    assert find_errors({"a": 1, "b": 2}, CHECKS, required=["a", "b"]) == []


def test_a_body_full_of_wrong_fields_does_not_make_an_endless_answer() -> None:
    assert len(find_errors({str(number): 1 for number in range(50_000)}, CHECKS)) == MAX_ERRORS


def test_an_error_of_another_kind_is_not_mistaken_for_the_clients() -> None:
    with pytest.raises(TypeError):
        find_errors({"a": "text"}, CHECKS)


@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize("levels", [0, 1, 2, MAX_DEPTH])
def test_depth_counts_nested_lists_and_objects(levels: int, kind: str) -> None:
    assert depth(nested(levels, kind)) == levels


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, MAX_DEPTH + 2, 500])
def test_measuring_gives_up_just_past_the_limit(levels: int) -> None:
    assert depth(nested(levels)) == MAX_DEPTH + 1


@given(st.recursive(st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)))
def test_depth_agrees_with_the_plain_definition(value: Any) -> None:
    def plain(part: Any) -> int:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return max((1 + plain(child) for child in inner), default=0)

    assert depth(value, limit=50) == plain(value)

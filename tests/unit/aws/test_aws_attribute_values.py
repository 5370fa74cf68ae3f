"""Values survive the round trip through the job table."""

import math
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from mediagen.aws.attribute_values import marshal, marshal_item, unmarshal, unmarshal_item

exact = st.none() | st.booleans() | st.text() | st.integers(-(10**38) + 1, 10**38 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    )


@given(st.dictionaries(st.text(), nested(exact | floats), max_size=5))
def test_an_item_comes_back_as_it_was(item: dict[str, Any]) -> None:
    assert unmarshal_item(marshal_item(item)) == item


@given(floats)
def test_a_number_is_written_with_every_digit_a_float_has(number: float) -> None:
    text = marshal(number)["N"]
    assert float(text) == number
    assert len(Decimal(text).as_tuple().digits) <= 17 or number.is_integer()


@given(nested(exact))  # boto3 reads a float as Decimal, which equals it only if both are exact
def test_boto3_reads_what_is_written(value: Any) -> None:
    assert TypeDeserializer().deserialize(marshal(value)) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, {"NULL": True}),
        (True, {"BOOL": True}),
        (0, {"N": "0"}),
        (-7, {"N": "-7"}),
        (0.1, {"N": "0.1"}),
        (1e-07, {"N": "1e-07"}),
        (Decimal("0.0500"), {"N": "0.0500"}),
        ("", {"S": ""}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        ({"a": {}}, {"M": {"a": {"M": {}}}}),
    ],
)
def test_each_kind_of_value_has_its_own_type(value: object, written: dict[str, Any]) -> None:
    assert marshal(value) == written


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("-12", -12), ("0.05", 0.05), ("1E-7", 1e-07), ("1e+23", 1e23)]
)
def test_a_whole_number_is_read_as_int_and_any_other_as_float(text: str, number: float) -> None:
    read = unmarshal({"N": text})
    assert read == number
    assert type(read) is type(number)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, Decimal("NaN")])
def test_a_number_dynamodb_does_not_have_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="infinity"):
        marshal(number)


def test_a_value_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        marshal({"a": [b"x"]})
    with pytest.raises(ValueError, match="SS"):
        unmarshal({"SS": ["a"]})

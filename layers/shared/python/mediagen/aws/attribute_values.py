"""Conversion between JSON-like values and DynamoDB's attribute values.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

import math
from collections.abc import Mapping
from typing import Any

type AttributeValue = dict[str, Any]


def marshal_item(item: Mapping[str, object]) -> dict[str, AttributeValue]:
    """Convert each attribute of an item to DynamoDB's form."""
    return {name: marshal(value) for name, value in item.items()}


def unmarshal_item(item: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Convert each attribute of an item from DynamoDB's form."""
    return {name: unmarshal(value) for name, value in item.items()}


def marshal(value: object) -> AttributeValue:
    """Convert None, bool, str, int, float, Decimal, list, tuple or mapping. Raises TypeError, ValueError."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case list() | tuple():
            return {"L": [marshal(element) for element in value]}
        case Mapping():
            return {"M": marshal_item(value)}
        case _:
            return {"N": _number(value)}


def unmarshal(value: AttributeValue) -> Any:
    """Convert a value back: whole numbers become int, others float. Raises ValueError for sets and bytes."""
    [(kind, content)] = value.items()
    match kind:
        case "NULL":
            return None
        case "BOOL" | "S":
            return content
        case "N":
            return int(content) if content.lstrip("-").isdecimal() else float(content)
        case "L":
            return [unmarshal(element) for element in content]
        case "M":
            return unmarshal_item(content)
        case _:
            raise ValueError(f"attribute values of type {kind} are not used")


def _number(value: object) -> str:
    """Return the shortest text that parses to the same number: 17 digits for a float, of 38 stored."""
    from decimal import Decimal  # numbers here are nearly always int or float

    if not isinstance(value, int | float | Decimal):
        raise TypeError(f"{type(value).__name__} has no attribute value")
    if not math.isfinite(value):
        raise ValueError("DynamoDB has no infinity and no NaN")
    return str(value)

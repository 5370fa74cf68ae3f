"""Attribute values as DynamoDB counts and checks them."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

type Item = Mapping[str, Mapping[str, Any]]


def item_size(item: Item) -> int:
    """Return about as many bytes as DynamoDB counts.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    (kind, content), *_ = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 1
        case "B":
            return len(content)
        case "SS" | "NS" | "BS":
            return sum(len(element) for element in content)
        case "M":
            return 3 + item_size(content) + len(content)
        case "L":
            return 3 + sum(_value_size(element) + 1 for element in content)
        case _:
            return 1


def value_problems(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a value, whatever it is used for."""
    if len(value) != 1:
        yield "a value has exactly one type"
        return
    ((kind, content),) = value.items()
    match kind:
        case "N":
            yield from _number_problems(content)
        case "SS" | "NS" | "BS":
            if not content or len({*content}) < len(content):
                yield f"a {kind} needs values, all different"
            for element in content if kind == "NS" else ():
                yield from _number_problems(element)
        case "NULL":
            if content is not True:
                yield "NULL must be true"
        case "M":
            for element in content.values():
                yield from value_problems(element)
        case "L":
            for element in content:
                yield from value_problems(element)


def _number_problems(text: str) -> Iterator[str]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        yield f"{text!r} is not a number"
        return
    if not number.is_finite() or len("".join(map(str, number.as_tuple().digits)).strip("0")) > 38:
        yield "a number has at most 38 digits"
    elif number and not -130 <= number.adjusted() <= 125:
        yield "a number lies between 1E-130 and 9.99E+125"


def updated_paths(update: Mapping[str, Any]) -> list[str]:
    """Return what an update expression changes, with the attributes' real names: `status`, `costs.total`."""
    names = update.get("ExpressionAttributeNames") or {}
    text = update.get("UpdateExpression") or ""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    clauses = re.split(r"\b(?:SET|REMOVE|ADD|DELETE)\b|,", text, flags=re.IGNORECASE)
    paths = [match[1] for clause in clauses if (match := re.match(r"\s*([#\w][#\w.\[\]]*)", clause))]
    return [re.sub(r"#\w+", lambda found: names.get(found[0], found[0]), path) for path in paths]

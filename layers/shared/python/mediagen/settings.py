"""Settings: one frozen dataclass per function, read once from the environment, without defaults that hide a mistake."""

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

_WHOLE: tuple[Any, ...] = (int, int | None)
_AMOUNTS: tuple[Any, ...] = (Decimal, Decimal | None)
_OPTIONAL: tuple[Any, ...] = (str | None, int | None, Decimal | None)
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")


class InvalidSettings(Exception):
    """Environment variables are missing or malformed; the message names all of them."""


def read_settings[T](kind: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Fill a dataclass from the environment: the field `job_table` is the variable `JOB_TABLE`.

    Fields are `str`, `int` or `Decimal`, with `| None` for what an environment may do without (missing or empty: None).
    Raises InvalidSettings with every name that is missing or not a number.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields(kind):  # type: ignore[arg-type]
        name = field.name.upper()
        text = environment.get(name, "")
        if not text and field.type in _OPTIONAL:
            values[field.name] = None
        elif not text:
            wrong.append(f"{name} is missing")
        elif field.type in _WHOLE and not text.isdecimal():
            wrong.append(f"{name} must be a whole number")
        elif field.type in _AMOUNTS and not _AMOUNT.fullmatch(text):
            wrong.append(f"{name} must be a number")
        else:
            values[field.name] = _read(field.type, text)
    if wrong:
        raise InvalidSettings("; ".join(wrong))
    return kind(**values)


def _read(kind: object, text: str) -> object:
    if kind in _WHOLE:
        return int(text)
    return Decimal(text) if kind in _AMOUNTS else text

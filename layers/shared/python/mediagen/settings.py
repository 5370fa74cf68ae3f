"""Settings: one frozen dataclass per function, read once from the environment, without defaults that hide a mistake."""

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any


class InvalidSettings(Exception):
    """Environment variables are missing or malformed; the message names all of them."""


def read_settings[T](kind: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Fill a dataclass from the environment: the field `job_table` is the variable `JOB_TABLE`.

    Fields are `str` or `int`, or `str | None` for what an environment may do without (missing or empty: None).
    Raises InvalidSettings with every name that is missing or not a number.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields(kind):  # type: ignore[arg-type]
        name = field.name.upper()
        text = environment.get(name, "")
        if not text and field.type == str | None:
            values[field.name] = None
        elif not text:
            wrong.append(f"{name} is missing")
        elif field.type is int and not text.isdecimal():
            wrong.append(f"{name} must be a whole number")
        else:
            values[field.name] = int(text) if field.type is int else text
    if wrong:
        raise InvalidSettings("; ".join(wrong))
    return kind(**values)

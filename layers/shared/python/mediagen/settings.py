"""Settings: one frozen dataclass per function, read once from the environment, without defaults that hide a mistake."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from mediagen.errors.text import SafeMessage

_WHOLE: tuple[Any, ...] = (int, int | None)
_AMOUNTS: tuple[Any, ...] = (Decimal, Decimal | None)
_OPTIONAL: tuple[Any, ...] = (str | None, int | None, Decimal | None)
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")


class InvalidSettings(SafeMessage, Exception):
    """Environment variables are missing or malformed; the message names all of them."""


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """The URL of a store, or the name of the parameter that holds the URL because it may contain a password."""

    url: str | None = None
    parameter: str | None = None


def read_settings[T](kind: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Fill a dataclass from the environment: the field `job_table` is the variable `JOB_TABLE`.

    Fields are `str`, `int` or `Decimal`, with `| None` if optional (a missing or empty variable gives None), or
    StoreUrl: the field `redis_url` is either REDIS_URL or REDIS_URL_PARAMETER. Raises InvalidSettings with every
    variable that is missing or malformed.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields(kind):  # type: ignore[arg-type]
        name = field.name.upper()
        text = environment.get(name, "")
        if field.type is StoreUrl:
            values[field.name] = StoreUrl(text or None, environment.get(f"{name}_PARAMETER") or None)
            wrong.extend(_faults(name, values[field.name]))
        elif not text and field.type in _OPTIONAL:
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


def _faults(name: str, store: StoreUrl) -> Iterator[str]:
    if bool(store.url) == bool(store.parameter):
        yield f"exactly one of {name} and {name}_PARAMETER must be set"
    if store.url and urlsplit(store.url).password is not None:
        yield f"{name} has a password: put it into Parameter Store and set {name}_PARAMETER"


def _read(kind: object, text: str) -> object:
    if kind in _WHOLE:
        return int(text)
    return Decimal(text) if kind in _AMOUNTS else text

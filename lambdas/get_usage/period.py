"""The period of a usage request, parsed from the query. Days are UTC; `to` is the day after the last one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from mediagen.errors.refusals import FieldError
from mediagen.http.validation import Check, InvalidValue, find_errors, invalid_fields

MOST_DAYS = 366
_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # Python also reads 20261101 and 2026-W45-7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` to before `end`."""

    start: date
    end: date


def read_period(query: Mapping[str, str], now: datetime) -> Period:
    """Parse the query; the default is the current month up to today. Raises InvalidFields."""
    errors = find_errors(query, _CHECKS)
    if errors:
        raise invalid_fields(errors, "query parameter")
    today = now.astimezone(UTC).date()
    end = date.fromisoformat(query["to"]) if "to" in query else today + _DAY
    start = date.fromisoformat(query["from"]) if "from" in query else (end - _DAY).replace(day=1)
    if not _DAY <= end - start <= MOST_DAYS * _DAY:
        told = f"From {start} to {end}: that must be 1 to {MOST_DAYS} days, the day of `to` not among them."
        raise invalid_fields([FieldError("to", "range", told, [1, MOST_DAYS])], "query parameter")
    return Period(start, end)


def _day(value: str, name_prefix: str = "") -> None:
    try:
        day = date.fromisoformat(value) if _FORM.fullmatch(value) else None
    except ValueError:
        day = None
    if day in (None, date.min):
        told = f"{name_prefix} must be a day such as 2026-11-01"
        raise InvalidValue(told, value, name_prefix, {"format": "date"}, "format")


_CHECKS: dict[str, Check] = {"from": _day, "to": _day}

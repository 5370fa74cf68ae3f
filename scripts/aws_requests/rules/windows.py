"""Weekly and daily windows as RDS and ElastiCache write them: `sun:05:00-sun:06:00`, `03:00-04:00`."""

import re

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WEEK = 7 * _DAY

type Window = tuple[int, int]
"""The minute of the week, or of the day, at which it begins, and its length in minutes."""


def weekly_window(text: str) -> Window | None:
    """Return the window; None if it is not written as AWS wants it."""
    match = re.fullmatch(rf"({_ANY_DAY}):{_TIME}-({_ANY_DAY}):{_TIME}", text, re.IGNORECASE)
    if match is None:
        return None
    begin, end = (_DAYS.index(match[i].lower()) * _DAY + int(match[i + 1]) * 60 + int(match[i + 2]) for i in (1, 4))
    return begin, (end - begin) % _WEEK


def daily_window(text: str) -> Window | None:
    """Return the window; None if it is not written as AWS wants it."""
    match = re.fullmatch(f"{_TIME}-{_TIME}", text)
    if match is None:
        return None
    begin, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    return begin, (end - begin) % _DAY


_ANY_DAY = "|".join(_DAYS)
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"


def overlap(daily: Window, weekly: Window) -> bool:
    """Return whether the daily window touches the weekly one on any day."""
    return any(
        day * _DAY + daily[0] < weekly[0] + weekly[1] and weekly[0] < day * _DAY + daily[0] + daily[1]
        for day in range(-1, 9)
    )

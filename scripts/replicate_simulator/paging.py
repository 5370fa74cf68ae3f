"""Cursors as Replicate makes them: base64 of `p=<time of creation>`, with `r=1` to look back."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from replicate_simulator.answers import Refusal, not_found, problem


@dataclass(frozen=True)
class Window:
    """Filter of a page; `position` is a time of creation, unique in the store."""

    after: datetime | None = None
    before: datetime | None = None
    position: datetime | None = None
    backwards: bool = False

    def choose(self, newest_first: Sequence[datetime], size: int) -> slice:
        """Return the slice of the newest-first times that is this page."""
        kept = [i for i, at in enumerate(newest_first) if self._within(at) and self._beyond(at)]
        page = kept[-size:] if self.backwards else kept[:size]
        return slice(page[0], page[-1] + 1) if page else slice(0, 0)

    def has(self, at: datetime) -> bool:
        return self._within(at)

    def _within(self, at: datetime) -> bool:
        return (self.after is None or at >= self.after) and (self.before is None or at < self.before)

    def _beyond(self, at: datetime) -> bool:
        if self.position is None:
            return True
        return at > self.position if self.backwards else at < self.position


def window_of(query: Mapping[str, str]) -> Window:
    """Return the window of a query string. Raises Refusal for an invalid date or cursor."""
    position, backwards = _read_cursor(query["cursor"]) if "cursor" in query else (None, False)
    return Window(_date(query, "created_after"), _date(query, "created_before"), position, backwards)


def next_url(url: str, query: Mapping[str, str], position: datetime) -> str:
    """Return the full URL of the page after a position."""
    return _url(url, query, {"p": position.isoformat()})


def previous_url(url: str, query: Mapping[str, str], position: datetime) -> str:
    """Return the full URL of the page before a position."""
    return _url(url, query, {"r": "1", "p": position.isoformat()})


def whole(results: list[Any]) -> dict[str, Any]:
    """Return a list that has one page."""
    return {"next": None, "previous": None, "results": results}


def _url(url: str, query: Mapping[str, str], cursor: Mapping[str, str]) -> str:
    encoded = base64.b64encode(urlencode(cursor).encode()).decode()
    return f"{url}?{urlencode({**query, 'cursor': encoded})}"


def _read_cursor(cursor: str) -> tuple[datetime, bool]:
    try:
        parts = parse_qs(base64.b64decode(cursor, validate=True).decode())
        return datetime.fromisoformat(parts["p"][0]), "r" in parts
    except (binascii.Error, UnicodeDecodeError, KeyError, ValueError):
        raise Refusal(not_found("Invalid cursor")) from None


def _date(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped + arrives as a space
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refusal(problem(400, f"{name} must be an ISO 8601 date-time with a time zone"))
    return at

"""The long poll: wait until a job's state changes. Meanwhile only the faster stores are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mediagen.errors.refusals import FieldError
from mediagen.http.validation import invalid_fields
from mediagen.jobs.job import Document
from mediagen.jobs.state import Status

LONGEST_SECONDS = 20
CACHE_SECONDS = 0.5  # between two reads of the cache
TABLE_SECONDS = 2.0  # between two reads of the job table, each of which is billed
RESERVE_SECONDS = 4.0  # of the invocation, for the last read and the answer


@dataclass(frozen=True, slots=True)
class Time:
    """The time of a request: the clock, a sleep, and the seconds left of the invocation."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    seconds_left: Callable[[], float]


@dataclass(frozen=True, slots=True)
class StatusReaders:
    """Readers of a job's status: from the cache, from the job table, and confirmed by PostgreSQL."""

    cached: Callable[[], Document | None]
    kept: Callable[[], Document | None]
    found: Callable[[], Document]


def read_wait(query: Mapping[str, str]) -> int:
    """Parse `?wait=`: whole seconds, 0 to 20. Raises InvalidFields."""
    text = query.get("wait", "0")
    if text.isascii() and text.isdecimal() and len(text) <= len(str(LONGEST_SECONDS)) and int(text) <= LONGEST_SECONDS:
        return int(text)
    allowed = {"minimum": 0, "maximum": LONGEST_SECONDS}
    error = FieldError("wait", "invalid", f"wait is a whole number of seconds, 0 to {LONGEST_SECONDS}.", allowed)
    raise invalid_fields([error], "query parameter")


def wait_for_change(
    document: Document, is_news: Callable[[Document], bool], *, until: datetime, time: Time, eyes: StatusReaders
) -> Document:
    """Return a job's document once it has changed or is terminal, at the latest at `until`.

    If the cache lost the document, PostgreSQL is read at the end: a function may have been killed after its commit.
    """
    pause, is_cached = CACHE_SECONDS, True
    while not (is_news(document) or Status(document["status"]).is_final):
        left = min((until - time.now()).total_seconds(), time.seconds_left() - RESERVE_SECONDS)
        if left <= 0:
            return document if is_cached else eyes.found()
        time.sleep(min(pause, left))
        cached = eyes.cached()
        is_cached = cached is not None
        pause = CACHE_SECONDS if is_cached else TABLE_SECONDS
        seen = cached or eyes.kept()
        if seen and seen["revision"] > document["revision"]:
            document = eyes.found()
    return document

"""Instants as the API writes them (RFC 3339, UTC, milliseconds) and as Replicate does (up to nanoseconds)."""

import re
from datetime import UTC, datetime

_FRACTION = re.compile(r"\.(\d{6})\d+")  # datetime keeps microseconds; Replicate also sends nanoseconds


def utc_now() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write an instant as `2026-11-22T17:00:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Read an RFC 3339 instant; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(_FRACTION.sub(r".\1", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def optional_iso(moment: datetime | None) -> str | None:
    """Write an instant that may be missing."""
    return iso(moment) if moment else None

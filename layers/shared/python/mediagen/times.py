"""Timestamps as the API writes them (RFC 3339, UTC, milliseconds) and as Replicate does (up to nanoseconds)."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Format a timestamp as `2026-11-22T17:00:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Parse an RFC 3339 timestamp; UTC without an offset, digits after microseconds are cut. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_optional_timestamp(value: object) -> datetime | None:
    """Read an instant that somebody else wrote; None for anything that is not one."""
    try:
        return parse_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None


def optional_iso(moment: datetime | None) -> str | None:
    """Format a timestamp that may be missing."""
    return iso(moment) if moment else None

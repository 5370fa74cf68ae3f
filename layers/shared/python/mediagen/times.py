"""Instants as the API writes them (RFC 3339, UTC, milliseconds) and as Replicate does (up to nanoseconds)."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write an instant as `2026-11-22T17:00:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Read an RFC 3339 instant; without an offset it is UTC, beyond microseconds it is cut. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def told_moment(value: object) -> datetime | None:
    """Read an instant that somebody else wrote; None for anything that is not one."""
    try:
        return parse_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None


def optional_iso(moment: datetime | None) -> str | None:
    """Write an instant that may be missing."""
    return iso(moment) if moment else None

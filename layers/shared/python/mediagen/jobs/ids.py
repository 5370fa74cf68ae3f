"""Job ids: UUID version 7 (RFC 9562), so the creation time is part of the id."""

import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CANONICAL_LENGTH = 36
_LAST_MILLISECOND = 253_402_300_799_999  # of the year 9999, where datetime ends


def new_job_id(now: datetime, random_bits: Callable[[int], int] = secrets.randbits) -> str:
    """Return an id made of the creation time (48 bits, milliseconds) and 74 random bits."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    value = milliseconds << 80 | 0x7 << 76 | random_bits(12) << 64 | 0b10 << 62 | random_bits(62)
    return str(uuid.UUID(int=value))


def is_job_id(text: object) -> bool:
    """Return whether a text is a UUIDv7 in its canonical lower-case form."""
    if not isinstance(text, str) or len(text) != _CANONICAL_LENGTH:
        return False
    try:
        value = uuid.UUID(text)
    except ValueError:
        return False
    return value.version == 7 and str(value) == text and value.int >> 80 <= _LAST_MILLISECOND


def created_at(job_id: str) -> datetime:
    """Return the creation time that a job id contains, in milliseconds."""
    return _EPOCH + timedelta(milliseconds=uuid.UUID(job_id).int >> 80)

"""The cursor of a list: the id of the last job shown, signed for one user and one set of filters."""

import base64
import hashlib
import hmac
import json
import uuid

from mediagen.records.job_lists import Filters
from mediagen.times import optional_iso

_ID_BYTES = 16
_SIGNATURE_BYTES = 16  # 128 bits
_LENGTH = 43  # of 32 bytes in base64 without padding


def write_cursor(job_id: str, *, user_id: str, filters: Filters, key: bytes) -> str:
    """Return the cursor to the page after a job."""
    position = uuid.UUID(job_id).bytes
    signed = position + _signature(position, user_id, filters, key)
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def read_cursor(cursor: str, *, user_id: str, filters: Filters, key: bytes) -> str | None:
    """Return the job id in a cursor; None for a cursor that was not issued for this user and these filters."""
    try:
        signed = base64.b64decode(cursor + "=", altchars=b"-_", validate=True) if len(cursor) == _LENGTH else b""
    except ValueError:
        return None
    position, signature = signed[:_ID_BYTES], signed[_ID_BYTES:]
    if not hmac.compare_digest(signature, _signature(position, user_id, filters, key)):
        return None
    return str(uuid.UUID(bytes=position))  # one of ours, since it is signed


def _signature(position: bytes, user_id: str, filters: Filters, key: bytes) -> bytes:
    told = (filters.status, filters.media_type, filters.model_id, optional_iso(filters.created_after))
    bound = json.dumps([user_id, *told]).encode()
    return hmac.digest(key, position + bound, hashlib.sha256)[:_SIGNATURE_BYTES]

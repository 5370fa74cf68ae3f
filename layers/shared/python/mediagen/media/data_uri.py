"""Decode data URIs (RFC 2397), base64 piece by piece."""

import binascii
import re
from collections.abc import Generator
from urllib.parse import unquote_to_bytes

from mediagen.media.errors import OutputRefused

_HEAD = re.compile(r"data:[!-+\--~]{0,200}?(;base64)?,", re.IGNORECASE)
_PIECE = 64 * 1024  # a multiple of 4 characters, so that every piece decodes by itself


def data_bytes(reference: str, limit_bytes: int) -> Generator[bytes]:
    """Yield the content; OutputRefused if it is no clean data URI or surely over the limit."""
    head = _HEAD.match(reference)
    if head is None:
        raise OutputRefused("output_not_media", "a broken data URI")
    start = head.end()
    if head[1] is None:
        yield unquote_to_bytes(reference[start:])
        return
    if (len(reference) - start) * 3 // 4 > limit_bytes + 2:  # two characters of padding
        raise OutputRefused("output_too_large", f"more than {limit_bytes} bytes")
    try:
        for position in range(start, len(reference), _PIECE):
            yield binascii.a2b_base64(reference[position : position + _PIECE], strict_mode=True)
    except ValueError as error:  # binascii.Error, or a character that is not ASCII
        raise OutputRefused("output_not_media", "a data URI with broken base64") from error

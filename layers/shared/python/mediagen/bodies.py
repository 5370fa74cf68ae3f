"""Reading a JSON body that a stranger wrote."""

import json
import re
from typing import Any

from mediagen.refusals import BodyTooLarge, InvalidRequest, UnsupportedContentType
from mediagen.validation import MAX_DEPTH, depth

MAX_BYTES = 256 * 1024  # Replicate takes inline files up to this size; larger inputs are links
_LONGEST_NUMBER = (
    20  # characters of a whole number: 64 bits. Longer ones overflow in comparisons and in other languages
)
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # JSON may say it, PostgreSQL cannot store it


def read_json_object(body: bytes, content_type: str, *, most: int = MAX_BYTES) -> dict[str, Any]:
    """Read an object. Raises UnsupportedContentType, BodyTooLarge, InvalidRequest."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType("Send the body as application/json.")
    if len(body) > most:
        raise BodyTooLarge(f"The body has {len(body)} bytes; {most} are allowed.")
    try:
        value = json.loads(body, parse_int=_whole_number)
        written = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()  # finds infinities, lone surrogates
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The body is not JSON.") from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    if depth(value) > MAX_DEPTH:
        raise InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if NUL.search(written.decode()):
        raise InvalidRequest("The body contains a NUL character.")
    return value


def _whole_number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a whole number of more than 64 bits")
    return int(text)

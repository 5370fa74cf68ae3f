"""Parse JSON bodies of untrusted clients."""

import json
import math
import re
from collections import Counter
from typing import Any

from mediagen.errors.refusals import BodyTooLarge, InvalidRequest, UnsupportedContentType
from mediagen.http.validation import MAX_DEPTH, depth

MAX_BYTES = 256 * 1024  # Replicate takes inline files up to this size; larger inputs are links
_LONGEST_NUMBER = 20  # digits of an integer of 64 bits: longer ones overflow in other languages
_LONGEST_PATH = 100  # characters of an error message
REPLACEMENT = "\ufffd"
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # valid in JSON, but PostgreSQL cannot store it


class _Unacceptable(ValueError):
    """A value that only Python accepts as JSON, or that other parsers read differently."""


def read_json_object(body: bytes, content_type: str, *, most: int = MAX_BYTES) -> dict[str, Any]:
    """Parse an object. Raises UnsupportedContentType, BodyTooLarge, InvalidRequest."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType("Send the body as application/json.")
    if len(body) > most:
        raise BodyTooLarge(f"The body has {len(body)} bytes; {most} are allowed.")
    value = _parsed(_text(body))
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    if depth(value) > MAX_DEPTH:
        raise InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        written = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("A text has one half of a surrogate pair; write the whole character.") from error
    if NUL.search(written.decode()):
        raise InvalidRequest("The body contains a NUL character.")
    return value


def _text(body: bytes) -> str:
    """Decode a body. The HTTP API replaces bytes that are not UTF-8 by U+FFFD before a function sees them."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"The body is not UTF-8: byte {error.start} is invalid.") from error
    if REPLACEMENT in text:
        at = text.index(REPLACEMENT)
        raise InvalidRequest(f"The body is not UTF-8: character {at} is U+FFFD, which stands for invalid bytes.")
    return text


def _parsed(text: str) -> Any:
    twice: list[tuple[dict[str, Any], str]] = []

    def read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice.append((value, next(name for name, count in counts.items() if count > 1)))
        return value

    try:
        value = json.loads(
            text,
            parse_int=_whole_number,
            parse_float=_real_number,
            parse_constant=_constant,
            object_pairs_hook=read_object,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest(f"The body is not JSON: {error.msg} at {where}.") from error
    except _Unacceptable as error:
        raise InvalidRequest(str(error)) from error
    except RecursionError as error:
        raise InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.") from error
    if twice and depth(value) <= MAX_DEPTH:
        owner, name = twice[-1]  # the object that was parsed last: no enclosing object has dropped it as a duplicate
        path = _path_to(owner, value)
        where = f"in {path[:_LONGEST_PATH]}" if path else "in the body"
        raise InvalidRequest(f"The name {json.dumps(name[:_LONGEST_PATH])} appears twice {where}.")
    return value


def _path_to(wanted: object, value: object, path: str = "") -> str | None:
    """Return the path of an object within a value, found by identity, as in field errors: `requests[2].params`."""
    if value is wanted:
        return path
    if isinstance(value, dict):
        inner = [(f"{path}.{name}" if path else name, item) for name, item in value.items()]
    else:
        inner = [(f"{path}[{at}]", item) for at, item in enumerate(value)] if isinstance(value, list) else []
    found = (_path_to(wanted, item, path) for path, item in inner)
    return next((path for path in found if path is not None), None)


def _whole_number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _Unacceptable(f"A whole number has {len(text)} characters; {_LONGEST_NUMBER} are allowed (64 bits).")
    return int(text)


def _real_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Unacceptable(f"The number {text[:_LONGEST_NUMBER]} is out of range.")
    return number


def _constant(name: str) -> float:
    raise _Unacceptable(f"{name} is not a JSON value.")

"""Parse JSON of other systems into values that strict JSON and PostgreSQL can store again.

Python's reader accepts NaN, Infinity, numbers beyond a double, lone surrogates and NUL; `jsonb` refuses all of them.

https://www.rfc-editor.org/rfc/rfc8259#section-6, https://www.postgresql.org/docs/current/datatype-json.html
"""

import json
import math
import re
from typing import Any

# Only bodies with such an escape can hold these characters after the decoding: raw bytes cannot.
_SUSPICIOUS = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_json(body: bytes | str) -> Any:
    """Parse JSON; numbers that strict JSON lacks become text, unstorable characters U+FFFD.

    Raises ValueError and RecursionError if the body is not JSON, or is nested too deep.
    """
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    value = json.loads(text, parse_constant=str, parse_float=_real_number, parse_int=_whole_number)
    return storable(value) if _SUSPICIOUS.search(text) else value


def storable(value: Any) -> Any:
    """Return the value with its numbers and texts in a form that strict JSON and PostgreSQL accept."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def _real_number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text  # 1e999


def _whole_number(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:  # more digits than Python converts (4,300)
        return text

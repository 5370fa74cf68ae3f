"""Find the files that a prediction's `output` refers to, whatever its shape."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAX_DEPTH = 32  # the deepest shape seen is a list of objects, 2; Python ends at about a thousand

_REFERENCE = re.compile(r"https?://\S+|data:[^,\s]{0,200},\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class References:
    """http(s) and data URLs in the order they were found; `left_out` counts those beyond the limit."""

    found: tuple[str, ...]
    left_out: int


def collect_references(output: object, *, limit: int) -> References:
    """Collect the references of a JSON value, each once; text_output.py keeps texts and numbers."""
    references = dict.fromkeys(_walk(output, MAX_DEPTH))
    return References(tuple(islice(references, limit)), max(0, len(references) - limit))


def is_reference(text: str) -> bool:
    """Return whether a text refers to a file."""
    return _REFERENCE.fullmatch(text) is not None


def _walk(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if is_reference(value):
            yield value
    elif depth and isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _walk(item, depth - 1)

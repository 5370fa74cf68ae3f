"""Keep what a model returned besides files: a text as it is, everything else as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from mediagen.media.file_types import JSON, TEXT
from mediagen.media.outputs import is_reference
from mediagen.media.types import MediaType


def text_output(output: object, names: Mapping[str, str | None]) -> tuple[bytes, MediaType] | None:
    """Return the text or JSON of an output, or None if it has nothing but files.

    `names`: under which name each reference is stored; None if it was left out. Links of Replicate end within the hour.
    """
    if not _has_values(output):
        return None
    if isinstance(output, str):
        return output.encode(errors="replace"), TEXT
    return json.dumps(_renamed(output, names), ensure_ascii=False).encode(errors="replace"), JSON


def _has_values(value: object) -> bool:
    if isinstance(value, list | dict):
        return any(map(_has_values, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return bool(value.strip()) and not is_reference(value)
    return value is not None


def _renamed(value: Any, names: Mapping[str, str | None]) -> Any:
    if isinstance(value, str):
        return names.get(value) if is_reference(value) else value
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, dict):
        return {name: _renamed(item, names) for name, item in value.items()}
    return value

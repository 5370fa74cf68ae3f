"""Where files are kept in the media bucket."""

import re
from datetime import UTC, datetime
from typing import Literal

from mediagen.media.types import Family

type DerivativeKind = Literal["thumbnail", "preview", "waveform"]

METADATA_NAME = "metadata.json"

_FOLDERS: dict[Family, str] = {"video": "videos", "image": "images", "audio": "audio"}
_EXTENSIONS: dict[DerivativeKind, str] = {"thumbnail": "jpg", "preview": "gif", "waveform": "png"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def job_folder(media_type: Family, *, user_id: str, job_id: str, created_at: datetime) -> str:
    """Return the prefix of all keys of a job, ending in a slash; the date is that of its creation, in UTC."""
    if created_at.tzinfo is None:
        raise ValueError("the creation time has no time zone")
    for part in (user_id, job_id):
        if not _ID.fullmatch(part):
            raise ValueError(f"not an id: {part!r}")
    return f"{_FOLDERS[media_type]}/{user_id}/{created_at.astimezone(UTC):%Y/%m/%d}/{job_id}/"


def original_name(position: int, extension: str) -> str:
    """Name the copy of an output; positions start at 1 and the first has no number."""
    return _numbered("original", position, extension)


def derivative_name(kind: DerivativeKind, position: int) -> str:
    """Name what was made from the output at this position."""
    return _numbered(kind, position, _EXTENSIONS[kind])


def _numbered(stem: str, position: int, extension: str) -> str:
    return f"{stem}.{extension}" if position == 1 else f"{stem}-{position}.{extension}"

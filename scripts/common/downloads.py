"""The files of a finished job: saved whole or not at all, and only if they are what the status says."""

import hashlib
import mimetypes
import os
import tempfile
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from common.api import ApiClient

# Where mimetypes knows several, or on some systems none.
EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
}
MODE = 0o644


def names(outputs: Sequence[Mapping[str, Any]], prefix: str = "") -> list[str]:
    """Name a job's files by what they are: original.webp, original-2.webp, thumbnail.jpg."""
    seen: dict[str, int] = {}
    given = []
    for output in outputs:
        kind = "".join(letter if letter.isalnum() else "-" for letter in str(output.get("kind") or "file"))
        seen[kind] = seen.get(kind, 0) + 1
        number = f"-{seen[kind]}" if seen[kind] > 1 else ""
        given.append(f"{prefix}{kind}{number}{extension(output)}")
    return given


def extension(output: Mapping[str, Any]) -> str:
    """Choose a file's extension by its content type, else take that of its link."""
    content_type = str(output.get("contentType") or "").partition(";")[0].strip().lower()
    known = EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type)
    return known or PurePosixPath(urlsplit(output["url"]).path).suffix


def save(client: ApiClient, output: Mapping[str, Any], path: Path) -> str:
    """Download a file to its place; give what is wrong, and leave nothing there, unless it is what it should be."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        problem = _fetched(client, output, fresh)
        if not problem:
            fresh.chmod(MODE)
            fresh.replace(path)
        return problem
    finally:
        fresh.unlink(missing_ok=True)


def verify(path: Path, output: Mapping[str, Any]) -> str:
    """Compare a file with what the status says of it; give what is wrong."""
    size = path.stat().st_size
    if size != output["bytes"]:
        return f"{size} bytes, not {output['bytes']} as the status says"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if found == output["sha256"] else "its SHA-256 is not the one the status gives"


def _fetched(client: ApiClient, output: Mapping[str, Any], path: Path) -> str:
    try:
        status = client.download(output["url"], path)
    except HTTPError as error:
        return f"the link's host broke off or cannot be reached ({type(error).__name__})"
    return verify(path, output) if status == HTTPStatus.OK else f"the link answered {status}"

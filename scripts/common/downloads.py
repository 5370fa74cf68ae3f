"""Download the files of a completed job: each complete and verified against its status, or not at all."""

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

# Types for which mimetypes has several extensions, or none on some systems.
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
    """Name a job's files by kind: original.webp, original-2.webp, thumbnail.jpg."""
    seen: dict[str, int] = {}
    given = []
    for output in outputs:
        kind = "".join(letter if letter.isalnum() else "-" for letter in str(output.get("kind") or "file"))
        seen[kind] = seen.get(kind, 0) + 1
        number = f"-{seen[kind]}" if seen[kind] > 1 else ""
        given.append(f"{prefix}{kind}{number}{extension(output)}")
    return given


def extension(output: Mapping[str, Any]) -> str:
    """Return the extension of the content type, else that of the link."""
    content_type = str(output.get("contentType") or "").partition(";")[0].strip().lower()
    known = EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type)
    return known or PurePosixPath(urlsplit(output["url"]).path).suffix


def save(client: ApiClient, output: Mapping[str, Any], path: Path) -> str:
    """Download and verify a file; return the problem, empty on success. A file with a problem is not kept."""
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
    """Compare a file with its size and SHA-256 in the status; return the problem, empty if there is none."""
    size = path.stat().st_size
    if size != output["bytes"]:
        return f"it has {size} bytes instead of the {output['bytes']} in the status"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if found == output["sha256"] else "its SHA-256 differs from the one in the status"


def _fetched(client: ApiClient, output: Mapping[str, Any], path: Path) -> str:
    try:
        status = client.download(output["url"], path)
    except HTTPError as error:
        return f"the download failed ({type(error).__name__})"
    return verify(path, output) if status == HTTPStatus.OK else f"the link returned status {status}"

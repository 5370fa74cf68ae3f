"""Serves the files of predictions: ranges, HEAD, any size without holding it, and every deliberate fault."""

import re
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from replicate_simulator.answers import Answer, Request

CHUNK = 64 * 1024
_ZEROS = bytes(CHUNK)
_SLOW_PIECES = 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class FilePlan:
    """What is served for one file: `size` bytes of it, padded when it is smaller than that.

    `length` says how: honest, chunked or close (no Content-Length), short or long (a lying one:
    half or twice the truth). `seconds` is how long the whole body takes.
    """

    path: Path
    content_type: str
    size: int
    status: int = 200
    location: str | None = None
    length: str = "honest"
    seconds: float = 0.0


def serve(plan: FilePlan, request: Request, closing: threading.Event) -> Answer:
    """Return the answer to a GET or HEAD of a file."""
    if plan.location is not None:
        return Answer(302, headers={"Location": plan.location or request.path})
    if plan.status != HTTPStatus.OK:
        return gone(plan.status)
    if not plan.path.exists():
        return gone()
    part = _part(plan, request.headers.get("Range"))
    start, stop = part or (0, plan.size)
    if part and start >= stop:
        return Answer(416, headers={"Content-Range": f"bytes */{plan.size}"})
    headers = {"Content-Type": plan.content_type, "Accept-Ranges": "bytes"} | _length(plan, stop - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{plan.size}"
    chunks = _paced(_read(plan, start, stop), plan, closing)
    close = plan.length not in ("honest", "chunked")
    return Answer(206 if part else 200, headers=headers, chunks=chunks, close=close)


def gone(status: int = 404) -> Answer:
    """Return a file host's 404, which is not a problem document."""
    return Answer(status, b"Not Found\n", {"Content-Type": "text/plain; charset=utf-8"})


def _part(plan: FilePlan, header: str | None) -> tuple[int, int] | None:
    """Return start and stop of the range that is asked for, or None for the whole file."""
    match = _RANGE.fullmatch(header or "")
    if match is None or plan.length != "honest" or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, plan.size - int(last)), plan.size
    return int(first), min(plan.size, int(last) + 1 if last else plan.size)


def _length(plan: FilePlan, size: int) -> dict[str, str]:
    declared = {"honest": size, "short": size // 2, "long": size * 2}.get(plan.length)
    return {} if declared is None else {"Content-Length": str(declared)}


def _read(plan: FilePlan, start: int, stop: int) -> Iterator[bytes]:
    real = plan.path.stat().st_size
    padding = _padding_header(plan.path, plan.size - real)
    with plan.path.open("rb") as file:
        file.seek(start)
        while start < stop:
            most = min(CHUNK, stop - start)
            piece = file.read(most) or padding[start - real :][:most] or _ZEROS[:most]
            yield piece
            start += len(piece)


def _padding_header(path: Path, padding: int) -> bytes:
    """Return what makes padding one part that readers skip: a 64-bit `free` box (ISO 14496-12), a RIFF chunk."""
    headers = {
        ".mp4": struct.pack(">I4sQ", 1, b"free", max(0, padding)),
        # Without it ffmpeg takes every 8 zeros for an empty chunk: 26 s for 200 MB.
        ".wav": struct.pack("<4sI", b"JUNK", min(max(0, padding - 8), 0xFFFFFFFF)),
    }
    header = headers.get(path.suffix, b"")
    return header if padding >= len(header) else b""


def _paced(pieces: Iterator[bytes], plan: FilePlan, closing: threading.Event) -> Iterator[bytes]:
    if not plan.seconds:
        yield from pieces
        return
    size = max(1, min(CHUNK, plan.size // _SLOW_PIECES))
    pause = plan.seconds * size / max(1, plan.size)
    for piece in pieces:
        for start in range(0, len(piece), size):
            if closing.wait(pause):
                return
            yield piece[start : start + size]

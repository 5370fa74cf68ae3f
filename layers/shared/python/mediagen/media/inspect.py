"""Measure a file by what ffmpeg reports, and prove that something of it can be decoded.

At least one picture, or some sound, must come out of it. Its first bytes alone are too weak a proof (anything can
follow them), and decoding all of it takes minutes for a long video. A file of which nothing decodes is kept all the
same, without measures and derivatives: the client paid for it, and ffmpeg refuses valid files as well (a PNG of
16384 x 16384 pixels).
"""

import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mediagen.media.animated_webp import first_frame, is_animated
from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg import input_arguments, run_ffmpeg
from mediagen.media.look import Look, read_look
from mediagen.media.orientation import is_sideways, orientation
from mediagen.media.types import PNG, WEBP, MediaType, without_picture

# Anchored to the indentation of ffmpeg's own lines: those that quote the file's metadata are deeper.
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
_GUESSED = re.compile(r"^  Duration: N/A|Estimating duration from bitrate", re.MULTILINE)
_PICTURE = re.compile(r"^  Stream #0:\d+.*?: Video: .*?, (\d+)x(\d+)(?=[, \n])", re.MULTILINE)
_SOUND = re.compile(r"^  Stream #0:\d+.*?: Audio: ", re.MULTILINE)
_REACHED = re.compile(r"time=(\d+):(\d\d):(\d\d\.\d+)")


@dataclass(frozen=True, slots=True)
class Inspection:
    """Pixels as shown (after rotation) and seconds; a container without pictures turned out to be audio.

    `look`: how pictures are made of it; None if nothing of it was decoded.
    """

    media_type: MediaType
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    look: Look | None = field(default=None, compare=False)


def inspect_media(path: Path, media_type: MediaType, *, timeout_seconds: float) -> Inspection:
    """Measure a file; FfmpegFailed with the reason `rejected` if nothing of it decodes."""
    with readable_by_ffmpeg(path, media_type) as readable:
        report = _decode_start(readable, media_type, timeout_seconds)
        size = picture_size(report)
        has_sound = _SOUND.search(_output_part(report)) is not None
        settled = _settle(media_type, size is not None, has_sound)
        lasts = settled.family != "image"
        duration = _duration(report, readable, media_type, timeout_seconds) if lasts else None
        look = read_look(report, orientation(path, media_type))
        width, height = size or (None, None)
        if is_sideways(look.orientation):
            width, height = height, width
        return Inspection(settled, width, height, duration, look)


def not_inspected(path: Path, media_type: MediaType) -> Inspection:
    """Describe a file that ffmpeg did not decode; of a PNG its header says the size, if the header is whole."""
    with path.open("rb") as file:
        head = file.read(33)
    if media_type != PNG or zlib.crc32(head[12:29]) != int.from_bytes(head[29:33]):
        return Inspection(media_type)
    width, height = int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    return Inspection(media_type, width or None, height or None)


@contextmanager
def readable_by_ffmpeg(path: Path, media_type: MediaType) -> Iterator[Path]:
    """Give a path that ffmpeg can read: the file itself, or the first frame of an animated WebP."""
    if media_type != WEBP or not is_animated(path):
        yield path
        return
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        still = Path(folder, "frame.webp")
        yield still if first_frame(path, still) else path


def picture_size(report: str) -> tuple[int, int] | None:
    """Read the size of the pictures that ffmpeg wrote, or None if it wrote none."""
    match = _PICTURE.search(_output_part(report))
    return (int(match[1]), int(match[2])) if match else None


def _decode_start(path: Path, media_type: MediaType, timeout_seconds: float) -> str:
    # "V" leaves out cover pictures; "?" allows a stream to be missing.
    streams = ["-map", "0:a:0?"] if media_type.family == "audio" else ["-map", "0:V:0?", "-map", "0:a:0?"]
    start = [*streams, "-frames:v", "1", "-t", "1", "-abort_on", "empty_output", "-f", "null", "-"]
    return run_ffmpeg([*input_arguments(media_type), *start], timeout_seconds=timeout_seconds, source=path)


def _settle(media_type: MediaType, has_picture: bool, has_sound: bool) -> MediaType:
    if media_type.family == "audio" or has_picture:
        return media_type
    settled = without_picture(media_type) if has_sound else None
    if settled is None:
        raise FfmpegFailed("rejected", f"no picture in this {media_type.content_type}")
    return settled


def _output_part(report: str) -> str:
    return report.partition("\nOutput #0")[2]


def _duration(report: str, path: Path, media_type: MediaType, timeout_seconds: float) -> float | None:
    if not _GUESSED.search(report):
        return _seconds(_DURATION.search(report))
    # Files without a duration or an index: the packets are counted, without decoding.
    count = [*input_arguments(media_type), "-map", "0", "-c", "copy", "-f", "null", "-"]
    counted = run_ffmpeg(count, timeout_seconds=timeout_seconds, source=path)
    return _seconds(next(reversed(list(_REACHED.finditer(counted))), None))


def _seconds(match: re.Match[str] | None) -> float | None:
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else None

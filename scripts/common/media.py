"""Check a media file: ffmpeg decodes all of it and reports its streams."""

import base64
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

DECODE_SECONDS = 120
# One pixel, for models that require an input image.
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADU"
    "lEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
# Formats of ffmpeg that hold one picture.
STILL = re.compile(r"(?:\w+_pipe|image2)\b")


@dataclass(frozen=True)
class Media:
    """What a file holds: `family` is video, image or audio; sizes in pixels, length in seconds."""

    family: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


class NotMedia(Exception):
    """The file cannot be decoded; the message says why."""


def probe(path: Path) -> Media:
    """Decode a whole file; raise NotMedia at the first error."""
    done = _ffmpeg("-nostdin", "-xerror", "-i", str(path), "-f", "null", "-")
    told = done.stderr.decode(errors="replace")
    if done.returncode:
        raise NotMedia(told.strip().splitlines()[-1])
    return read_report(told.split("Stream mapping:")[0])


def read_report(told: str) -> Media:
    """Parse ffmpeg's report on its input."""
    formats = re.search(r"Input #0, (.+?), from", told)
    picture = re.search(r"Stream .*?Video: .*?\b(\d{2,5})x(\d{2,5})\b", told)
    length = re.search(r"Duration: (\d+):(\d+):([\d.]+)", told)
    seconds = int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3]) if length else None
    if picture:
        still = bool(formats and STILL.match(formats[1]))
        size = int(picture[1]), int(picture[2])
        return Media("image", *size) if still else Media("video", *size, seconds)
    if re.search(r"Stream .*?Audio: ", told):
        return Media("audio", seconds=seconds)
    raise NotMedia("it has neither picture nor sound")


def is_metadata(path: Path) -> bool:
    """Return whether a file is a non-empty JSON object."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(found, dict) and bool(found)


def first_frame(picture: Path) -> str:
    """Make a small JPEG of a picture, as a data URI: short enough for a text parameter of the API."""
    size = ("-vf", "scale=320:-2", "-q:v", "9", "-frames:v", "1")
    done = _ffmpeg("-nostdin", "-i", str(picture), *size, "-f", "mjpeg", "-")
    if done.returncode:
        raise NotMedia(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return "data:image/jpeg;base64," + base64.b64encode(done.stdout).decode()


def _ffmpeg(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-hide_banner", "-nostats", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=DECODE_SECONDS)

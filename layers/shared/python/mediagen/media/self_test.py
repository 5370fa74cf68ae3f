"""Prove once per container that ffmpeg works, on a picture of our own and as it is done with an output."""

import base64
import tempfile
from functools import cache
from pathlib import Path

from mediagen.media.errors import FfmpegFailed, FfmpegUnusable
from mediagen.media.inspect import Inspection, inspect_media
from mediagen.media.types import PNG

# Two pixels, red and green.
_SAMPLE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR42mP4zwAE/wEHAAH/PX2MSQAAAABJRU5ErkJggg=="
_MEASURES = (2, 1)
_SECONDS = 20  # it takes 0.1


@cache
def require_ffmpeg() -> None:
    """Raise FfmpegUnusable unless ffmpeg decodes the sample. A success holds for the life of the container."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder, "sample.png")
        sample.write_bytes(base64.b64decode(_SAMPLE))
        seen = _inspected(sample)
    if (seen.width, seen.height) != _MEASURES:
        raise FfmpegUnusable(f"the sample of {_MEASURES} pixels was measured as {seen.width} x {seen.height}")


def _inspected(sample: Path) -> Inspection:
    try:
        return inspect_media(sample, PNG, timeout_seconds=_SECONDS)
    except FfmpegFailed as error:
        raise FfmpegUnusable(str(error)) from error

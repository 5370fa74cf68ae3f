"""Find the ffmpeg of our layer, and no other."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from mediagen.media.errors import FfmpegFailed

LAYERS = Path("/opt")  # AWS unpacks all layers of a function here
_EXECUTABLE = 0o755


@cache
def ffmpeg_binary() -> Path:
    """Find the layer's ffmpeg; FfmpegFailed if there is none.

    The local cloud puts the folder of each layer on the import path instead of /opt, and unpacks without mode bits.
    PATH is never searched: an older ffmpeg there lacks the protocol `fd` and fails on every file.
    """
    return find_binary([*filter(None, sys.path), LAYERS], Path(tempfile.gettempdir()))


def find_binary(layers: Iterable[str | Path], spare_folder: Path) -> Path:
    """Find `bin/ffmpeg` in the first layer that has it; make it executable if necessary, as a copy if it has to be."""
    for layer in layers:
        candidate = Path(layer, "bin", "ffmpeg")
        if candidate.is_file():
            return _executable(candidate, spare_folder)
    raise FfmpegFailed("missing", "no layer has a bin/ffmpeg")


def _executable(binary: Path, spare_folder: Path) -> Path:
    if os.access(binary, os.X_OK):
        return binary
    try:
        binary.chmod(_EXECUTABLE)
        return binary
    except OSError:
        return _executable_copy(binary, spare_folder)


def _executable_copy(binary: Path, folder: Path) -> Path:
    """Copy the binary under a new name, so that no earlier file is run in its place."""
    try:
        own = Path(tempfile.mkdtemp(prefix="ffmpeg-", dir=folder), "ffmpeg")
        shutil.copyfile(binary, own)
        own.chmod(_EXECUTABLE)
    except OSError as error:
        raise FfmpegFailed("not_runnable", str(error)) from error
    return own

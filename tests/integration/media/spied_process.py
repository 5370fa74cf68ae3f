"""A process like Lambda's: not root, with credentials in its environment. It runs a spy in place of ffmpeg.

Usage: python spied_process.py LAYER USER_ID MODE; USER_ID 0 keeps the user, MODE `open` leaves the memory readable.
"""

import ctypes
import os
import sys

from mediagen.media import ffmpeg
from mediagen.media.errors import FfmpegFailed
from mediagen.media.types import PNG  # noqa: F401 - everything is imported before the user changes

PR_SET_DUMPABLE = 4
DUMPABLE = 1


def become(user_id: int) -> None:
    """Drop root. The kernel makes a process that changes its user unreadable, so make it readable, as Lambda does."""
    if user_id:
        os.setgroups([])
        os.setgid(user_id)
        os.setuid(user_id)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, DUMPABLE, 0, 0, 0)


def main(layer: str, user_id: str, mode: str) -> None:
    become(int(user_id))
    sys.path.insert(0, layer)
    if mode == "open":
        vars(ffmpeg)["close_memory"] = lambda: None
    try:
        ffmpeg.run_ffmpeg([], timeout_seconds=20)
    except FfmpegFailed as failed:
        print(failed.detail)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Watch which files any process opens, from outside, with Linux's inotify."""

import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_OPEN = 0x20
_EVENT = struct.Struct("iIII")  # watch, mask, cookie, bytes of the name

type Opened = Callable[[], set[str]]


@contextmanager
def watched(folder: Path) -> Iterator[Opened]:
    """Yield a function that returns the files opened in a folder since its last call."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    try:
        if watch < 0 or libc.inotify_add_watch(watch, bytes(folder), _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify is not to be had")
        yield lambda: set(_names(watch))
    finally:
        os.close(watch)


def _names(watch: int) -> Iterator[str]:
    try:
        while True:
            events = os.read(watch, 64 * 1024)
            while events:
                length = _EVENT.unpack_from(events)[3]
                name, events = events[_EVENT.size : _EVENT.size + length], events[_EVENT.size + length :]
                yield os.fsdecode(name.rstrip(b"\0"))
    except BlockingIOError:
        return

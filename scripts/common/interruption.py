"""End in order when the program is interrupted: Ctrl-C, SIGTERM, SIGHUP, the end of its parent, or an interrupted make.

GNU make forwards SIGTERM to its commands, but not SIGINT and SIGHUP: it expects the terminal to have sent them to the
whole process group, and waits. `kill -INT` with make's pid would wait for all tests. On Linux /proc shows the
interruption, because make's handler first restores the signal's default action.
"""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from common import sessions

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOT_FORWARDED = (signal.SIGINT, signal.SIGHUP)
MAKES = {"make", "gmake", "gnumake"}
LOOK_SECONDS = 0.25


@dataclass
class _Progress:
    """How far an interruption has come."""

    begun: bool = False
    postponed: bool = False
    waiting: bool = False


_progress = _Progress()


def end_in_order() -> None:
    """Raise KeyboardInterrupt in the main thread when the program is to end; a signal that is ignored stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    # With nohup the program is meant to outlive the shell that started it.
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        threading.Thread(target=_watch, args=(_parents(),), name="parents", daemon=True).start()


@contextmanager
def postponed() -> Iterator[None]:
    """Postpone an interruption until the block has ended, such as between a server's start and the note of its pid."""
    if threading.current_thread() is not threading.main_thread() or _progress.postponed:
        yield  # signals are handled in the main thread only
        return
    _progress.postponed = True
    try:
        yield
    finally:
        _progress.postponed = False
        if _progress.waiting:
            _progress.waiting = False
            raise KeyboardInterrupt


def _interrupt(number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C is a person's wish not to wait any longer; other signals come more than once by themselves.
    if _progress.begun and number != signal.SIGINT:
        return
    _progress.begun = True
    if _progress.postponed:
        _progress.waiting = True
        return
    raise KeyboardInterrupt


def _watch(parents: list[psutil.Process]) -> None:
    makes = {process.pid: _caught(process.pid) for process in parents if _is_make(process)}
    while all(map(sessions.is_running, parents)) and all(_caught(pid) == caught for pid, caught in makes.items()):
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _parents() -> list[psutil.Process]:
    """Return the parents up to the topmost make, with the shells between; without make the parent alone."""
    with suppress(psutil.Error):
        above = psutil.Process().parents()
        makes = [index for index, process in enumerate(above) if _is_make(process)]
        return above[: makes[-1] + 1 if makes else 1]
    return []


def _is_make(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.name() in MAKES
    return False


def _caught(pid: int) -> int:
    """Return the bit mask of NOT_FORWARDED signals that a process catches; 0 if it has ended or there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)
    mask = sum(1 << (number - 1) for number in NOT_FORWARDED)
    return int(found[1], 16) & mask if found else 0

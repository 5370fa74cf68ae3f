"""Processes and all their descendants, observed until they end."""

import subprocess
from collections.abc import Callable

import psutil

from integration.waiting import eventually


def family(child: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return a process and its descendants, including servers in sessions of their own."""
    first = psutil.Process(child.pid)
    return [first, *first.children(recursive=True)]


def family_with(child: subprocess.Popen[bytes], word: str, is_ready: Callable[[], bool]) -> list[psutil.Process]:
    """Wait until a descendant has `word` in its command line and `is_ready`; return the whole family."""

    def look() -> list[psutil.Process] | None:
        assert child.poll() is None, f"it ended with {child.returncode} before {word} ran"
        everyone = family(child)
        return everyone if is_ready() and any(word in _command(process) for process in everyone) else None

    return eventually(look, f"the start of {word}", seconds=90)


def left_of(everyone: list[psutil.Process], *, seconds: float = 45) -> list[str]:
    """Wait until all processes end; return the commands of those that did not."""
    _, alive = psutil.wait_procs(everyone, timeout=seconds)
    return [_command(process) for process in alive]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""

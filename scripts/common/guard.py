"""A guard stops what a program started in sessions of its own if the program ends before it has done so itself.

A program cannot handle its own SIGKILL. The guard is a second process that reads from a pipe, which the system closes
when the program ends for any reason. This works on Linux and macOS; PR_SET_PDEATHSIG exists on Linux only, and ends
with the thread that started the server.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from common import sessions
from common.sessions import GUARD, Session

SCRIPTS = Path(__file__).resolve().parents[1]
DISMISSED = "dismissed"


class Guard:
    """The guard of this program; its process starts with the first session to watch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self, session: Session, scratch: str = "") -> None:
        """Have a session stopped, and the folder `scratch` removed, if this program ends."""
        with self._lock:
            self._process = self._process or _start()
            self._send({"session": asdict(session), "scratch": scratch})

    def dismiss(self) -> None:
        """Leave everything running when this program ends."""
        with self._lock:
            if self._process:
                self._send(DISMISSED)
                self._process.communicate()
                self._process = None

    def _send(self, message: object) -> None:
        assert self._process and self._process.stdin
        with suppress(BrokenPipeError):  # somebody killed the guard: the program still stops its servers itself
            self._process.stdin.write(json.dumps(message).encode() + b"\n")


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", GUARD],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "PYTHONPATH": str(SCRIPTS)},
        cwd="/",
        start_new_session=True,
    )


GUARDING = Guard()
watch = GUARDING.watch
dismiss = GUARDING.dismiss


def main(lines: Iterable[str]) -> None:
    """Collect sessions until the program ends or dismisses the guard."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the guard ends after its program, never before
    messages = []
    for line in lines:
        message = json.loads(line)
        if message == DISMISSED:
            return
        messages.append(message)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_stop, messages))


def _stop(message: dict[str, object]) -> None:
    given = message["session"]
    assert isinstance(given, dict)
    sessions.stop(Session(**given))
    if scratch := message["scratch"]:
        shutil.rmtree(str(scratch), ignore_errors=True)


if __name__ == "__main__":
    main(sys.stdin)

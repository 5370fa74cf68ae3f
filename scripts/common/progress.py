"""Progress for a person who waits: one live line in a terminal, plain lines elsewhere."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

BAR_CELLS = 24
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
CLEAR = "\r\033[K"
REFRESH_SECONDS = 0.1
# Interval of progress lines if lines cannot be rewritten (a CI log), in seconds.
PLAIN_SECONDS = 10.0


class Step:
    """Something that takes a while; `detail` says how far it is and, in the end, what came of it.

    `percent`, if set, is asked whenever a terminal's line is written, and drawn as a bar.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self.percent: Callable[[], int] | None = None
        self.started = time.monotonic()
        self.last_told = self.started

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.started

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" if self.detail else self.title


class Progress:
    """Shows the start, progress and end of steps, which may run in parallel."""

    def __init__(self, stream: TextIO | None = None, *, live: bool | None = None) -> None:
        self._stream = stream or sys.stdout
        self._live = _can_be_live(self._stream) if live is None else live
        self._started = time.monotonic()
        self._steps: list[Step] = []
        self._lock = threading.Lock()
        self._frame = 0

    @property
    def seconds(self) -> float:
        """Seconds since the first moment."""
        return time.monotonic() - self._started

    def note(self, text: str) -> None:
        """Print a permanent line."""
        with self._lock:
            self._write((CLEAR if self._live else "") + text + "\n")

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show a step while the block runs, and its seconds when it is over."""
        step = Step(title)
        with self._ticking(step):
            try:
                yield step
            except BaseException:
                self.note(f"  ✗ {step.seconds:6.1f} s  {step}")
                raise
        self.note(f"  ✓ {step.seconds:6.1f} s  {step}")

    @contextmanager
    def _ticking(self, step: Step) -> Iterator[None]:
        done = threading.Event()
        with self._lock:
            self._steps.append(step)
        ticker = threading.Thread(target=self._tick, args=(step, done), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()
            with self._lock:
                self._steps.remove(step)

    def _tick(self, step: Step, done: threading.Event) -> None:
        while not done.wait(REFRESH_SECONDS):
            with self._lock:
                self._tell(step)

    def _tell(self, step: Step) -> None:
        if self._live and step is self._steps[0]:
            self._frame = (self._frame + 1) % len(FRAMES)
            line = f"  {FRAMES[self._frame]} {step.seconds:6.1f} s  " + bar(step) + " · ".join(map(str, self._steps))
            self._write(CLEAR + line[: _columns(self._stream) - 1])
        elif not self._live and time.monotonic() - step.last_told >= PLAIN_SECONDS:
            step.last_told = time.monotonic()
            self._write(f"  … {step.seconds:6.1f} s  {step}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def bar(step: Step) -> str:
    """Draw a progress bar if the step knows its percentage."""
    if step.percent is None:
        return ""
    percent = min(max(step.percent(), 0), 100)
    full = BAR_CELLS * percent // 100
    return f"{'█' * full}{'░' * (BAR_CELLS - full)} {percent:3d} %  "


def _can_be_live(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "CI" not in os.environ


def _columns(stream: TextIO) -> int:
    try:
        # A terminal of unknown width reports 0.
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80

"""Polling with a deadline."""

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.02


def eventually[T](look: Callable[[], T | None], what: str, *, seconds: float = 20) -> T:
    """Poll until the function returns something."""
    ends = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < ends, f"{what} did not happen within {seconds} s"
        time.sleep(PAUSE_SECONDS)
    return seen

"""The poller's share of Replicate's limit: reads of all threads begin at even intervals."""

import threading
import time
from collections.abc import Callable

READS_PER_SECOND = 40  # 2,400 of the 3,000 a minute that an account has for everything but create calls


class Spacing:
    """Let `per_second` threads pass per second, at even intervals."""

    def __init__(
        self,
        per_second: float = READS_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for this thread's interval."""
        with self._lock:
            now = self._clock()
            place = max(self._next, now)
            self._next = place + self._interval
        if place > now:
            self._sleep(place - now)

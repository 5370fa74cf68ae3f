"""The limit of create calls: a bucket that is filled steadily, and an answer that says when there is room again."""

import math
import threading
import time
from collections.abc import Callable

from replicate_simulator.answers import Answer, problem


class RateLimit:
    """Counts create calls; none is limited where `per_minute` is 0. A tenth of a minute's calls may come together."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._per_second, self._most = per_minute / 60, float(max(per_minute // 10, 1))
        self._clock = clock
        self._left, self._at = self._most, clock()
        self._lock = threading.Lock()
        self.asked = self.throttled = 0

    def refusal(self) -> Answer | None:
        """Count a call; returns the 429 where there were too many."""
        with self._lock:
            self.asked += 1
            if not self._per_second:
                return None
            now = self._clock()
            self._left = min(self._most, self._left + max(now - self._at, 0) * self._per_second)
            self._at = now
            if self._left >= 1:
                self._left -= 1
                return None
            self.throttled += 1
            return throttled(math.ceil((1 - self._left) / self._per_second))


def throttled(seconds: int, detail: str | None = None, title: str | None = None, *, header: bool = False) -> Answer:
    """Return the 429 as it was recorded: the seconds are in the body."""
    told = detail or f"Request was throttled. Your rate limit resets in ~{seconds}s."
    return problem(429, told, title, {"Retry-After": str(seconds)} if header else {}, retry_after=seconds)

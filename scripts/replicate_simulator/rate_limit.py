"""Rate limit of create calls: a token bucket, and a 429 with the seconds to wait."""

import math
import threading
import time
from collections.abc import Callable

from replicate_simulator.answers import Answer, problem


class RateLimit:
    """A token bucket for create calls; 0 means no limit. The burst is a tenth of `per_minute`."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._per_second, self._most = per_minute / 60, float(max(per_minute // 10, 1))
        self._clock = clock
        self._left, self._at = self._most, clock()
        self._lock = threading.Lock()
        self.asked = self.throttled = 0

    def refusal(self) -> Answer | None:
        """Count a call; return the 429 if the bucket is empty."""
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

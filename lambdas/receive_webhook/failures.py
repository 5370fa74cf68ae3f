"""Wrong signatures per source address, counted in one container's memory (ADR 19 says why not in Redis)."""

from datetime import datetime

WINDOW_SECONDS = 5 * 60
MAX_SOURCES = 10_000  # 1 MB; an attacker with more addresses would not be limited by counting them


class Failures:
    """Counters per address in windows of five minutes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._window = 0
        self._counts: dict[str, int] = {}

    def seconds_to_wait(self, source: str, now: datetime) -> int:
        """Count a failure of an address. Returns 0 within the limit, otherwise the seconds until it resets."""
        window, passed = divmod(int(now.timestamp()), WINDOW_SECONDS)
        if window != self._window or len(self._counts) >= MAX_SOURCES:
            self._window, self._counts = window, {}
        count = self._counts[source] = self._counts.get(source, 0) + 1
        return WINDOW_SECONDS - passed if count > self._limit else 0

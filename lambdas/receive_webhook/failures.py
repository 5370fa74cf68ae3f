"""Wrong signatures of an address, counted in the memory of one container (ADR 19 says why not in Redis)."""

from datetime import datetime

WINDOW_SECONDS = 5 * 60
MAX_SOURCES = 10_000  # 1 MB; who has more addresses than that is not slowed by counting them


class Failures:
    """Counts by address in windows of five minutes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._window = 0
        self._counts: dict[str, int] = {}

    def seconds_to_wait(self, source: str, now: datetime) -> int:
        """Count one failure of an address; 0 while it is within the limit, otherwise how long that will last."""
        window, passed = divmod(int(now.timestamp()), WINDOW_SECONDS)
        if window != self._window or len(self._counts) >= MAX_SOURCES:
            self._window, self._counts = window, {}
        count = self._counts[source] = self._counts.get(source, 0) + 1
        return WINDOW_SECONDS - passed if count > self._limit else 0

"""A fake of the wrong-key counter; tests/integration/stores/test_failed_keys.py compares it with the one in Redis."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from mediagen.access.source_standing import WINDOW_SECONDS, Standing


@dataclass
class FailedKeys:
    """Counts in fixed windows. `is_away`: the counter is down."""

    is_away: bool = False
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    trusted: set[bytes] = field(default_factory=set)

    def begin(self, source: str, key_hash: bytes | None, now: datetime, *, limit: int) -> Standing:
        """Take a unit, unless the key is trusted."""
        if self.is_away:
            return Standing.UNKNOWN
        if key_hash in self.trusted:
            return Standing.TRUSTED
        if self.counts[_window(source, now)] >= limit:
            return Standing.SLOWED
        self.counts[_window(source, now)] += 1
        return Standing.COUNTED

    def trust(self, source: str, key_hash: bytes, begun_at: datetime) -> None:
        """Refund the unit, and trust the key."""
        self.release(source, begun_at)
        self.trusted.add(key_hash)

    def release(self, source: str, begun_at: datetime) -> None:
        self.counts[_window(source, begun_at)] = max(0, self.counts[_window(source, begun_at)] - 1)

    def distrust(self, source: str, key_hash: bytes, now: datetime) -> None:
        """Count one unit, and stop trusting the key."""
        self.counts[_window(source, now)] += 1
        self.trusted.discard(key_hash)


def _window(source: str, now: datetime) -> tuple[str, int]:
    return source, int(now.timestamp()) // WINDOW_SECONDS

"""A fake of the rate limiter, without Redis."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediagen.cache.pace import Pace as DispatchPace
from mediagen.limits.dispatch import Turn


@dataclass
class Pace(DispatchPace):
    """Allows every job, unless set otherwise; records all outcomes."""

    turn: Turn = field(default_factory=Turn)
    is_away: bool = False
    busy: datetime | None = None
    heard: list[str] = field(default_factory=list)

    def ask(self, now: datetime, *, is_new: bool = False) -> Turn:
        self.heard.append("new" if is_new else "turn")
        return self.turn

    def refused(self, seconds: int, now: datetime) -> datetime | None:
        self.heard.append(f"refused {seconds}")
        return None if self.is_away else now + timedelta(seconds=seconds)

    def doubted(self, now: datetime) -> None:
        """Record a create call without a known outcome."""
        self.heard.append("doubted")

    def taken(self, now: datetime) -> None:
        self.heard.append("taken")

    def busy_until(self, now: datetime) -> datetime | None:
        return self.busy

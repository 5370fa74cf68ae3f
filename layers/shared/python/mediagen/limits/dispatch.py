"""Dispatch slots: when a job may be sent to Replicate. The shared rate limiter is in `cache.pace`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A dispatch slot: now (`ask_at` is None), or the time to ask again.

    `is_watched`: the limiter waits for the outcome of this submission before it lets others go.
    """

    ask_at: datetime | None = None
    is_watched: bool = False

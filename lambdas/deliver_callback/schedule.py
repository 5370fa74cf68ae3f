"""The retry schedule of callbacks: nine attempts in a day. Pure."""

from datetime import datetime, timedelta

# After each attempt; the sum is a little more than a day.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=14),
)
TRIES = len(PAUSES) + 1
JITTER = 0.2  # of a pause, added at random: a recovering receiver does not get all callbacks at once


def next_try_at(number: int, now: datetime, share: float) -> datetime | None:
    """Return the time of the next attempt, None after the last. `share` is random, from 0 to 1."""
    if number > len(PAUSES):
        return None
    return now + PAUSES[number - 1] * (1 + JITTER * share)

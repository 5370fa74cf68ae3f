"""Callbacks that are due and have no message on its way: after a crash between commit and send, and late tries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from mediagen.submission import Queue

REST = timedelta(seconds=30)  # younger ones have a message of their own
BATCH = 200  # 2 to 4 s of sending; a backlog is worked off over several runs
RESERVE_SECONDS = 3.0


class Callbacks(Protocol):
    """The outbox."""

    def due(self, *, before: datetime, now: datetime, limit: int) -> list[str]:
        """List the jobs whose callbacks should have been tried by then."""


def send_due(*, now: datetime, seconds_left: Callable[[], float], callbacks: Callbacks, queue: Queue) -> int:
    """Send a message for each, which does no harm where there is one already; returns how many."""
    sent = 0
    for job_id in callbacks.due(before=now - REST, now=now, limit=BATCH):
        if seconds_left() < RESERVE_SECONDS:
            break
        queue.send({"jobId": job_id})
        sent += 1
    return sent

"""Queued jobs that should have had their turn: the messages of those who wait were lost, or never sent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from mediagen.lifecycle.backlog import batches
from mediagen.lifecycle.submit import LOST_MESSAGE_CHECK
from mediagen.lifecycle.submit import Queue as QueueOfOne

AT_ONCE = 500  # about half a second of sending
RESERVE_SECONDS = 3.0


class Records(Protocol):
    """The truth, as far as jobs wait."""

    def claim_waiting(self, *, now: datetime, again_in: timedelta, limit: int) -> list[str]:
        """Take queued jobs that should have been sent by now."""


class Pace(Protocol):
    """How fast jobs are sent."""

    def busy_until(self, now: datetime) -> datetime | None:
        """Tell until when those who wait have been given times."""


class Queue(QueueOfOne, Protocol):
    """The queue of turns."""

    def send_all(self, messages: Iterable[Mapping[str, Any]]) -> None:
        """Send messages."""


def send_turns(*, now: datetime, seconds_left: Callable[[], float], records: Records, pace: Pace, queue: Queue) -> int:
    """Send a message for each; returns how many. While turns are being taken, their messages are there."""

    def may_send() -> bool:
        return seconds_left() > RESERVE_SECONDS and not pace.busy_until(now)

    def claim() -> list[str]:
        return records.claim_waiting(now=now, again_in=LOST_MESSAGE_CHECK, limit=AT_ONCE)

    sent = 0
    for jobs in batches(claim, full=AT_ONCE, has_time=may_send):
        queue.send_all({"jobId": job_id} for job_id in jobs)
        sent += len(jobs)
    return sent

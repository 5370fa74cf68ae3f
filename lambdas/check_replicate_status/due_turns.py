"""Queued jobs whose message was lost or never sent."""

from collections.abc import Callable
from datetime import datetime

from mediagen.aws.queue import Queue
from mediagen.cache.pace import Pace
from mediagen.lifecycle.backlog import batches
from mediagen.lifecycle.submit import LOST_MESSAGE_CHECK
from mediagen.records.jobs import JobRecords

AT_ONCE = 500  # about half a second of sending
RESERVE_SECONDS = 3.0


def send_turns(
    *, now: datetime, seconds_left: Callable[[], float], records: JobRecords, pace: Pace, queue: Queue
) -> int:
    """Send a message for each overdue queued job; returns their number. While slots are being used, messages exist."""

    def may_send() -> bool:
        return seconds_left() > RESERVE_SECONDS and not pace.busy_until(now)

    def claim() -> list[str]:
        return records.claim_waiting(now=now, again_in=LOST_MESSAGE_CHECK, limit=AT_ONCE)

    sent = 0
    for jobs in batches(claim, full=AT_ONCE, has_time=may_send):
        queue.send_all({"jobId": job_id} for job_id in jobs)
        sent += len(jobs)
    return sent

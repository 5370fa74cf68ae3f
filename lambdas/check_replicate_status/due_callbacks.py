"""Callbacks that are due without a message: after a crash between commit and send, and late retries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import batched

from mediagen.aws.queue import Queue
from mediagen.records.callbacks import CallbackRecords

REST = timedelta(seconds=30)  # younger ones have a message of their own
MOST = 10_000  # four times the jobs that five minutes may complete
AT_ONCE = 200  # about a quarter of a second of sending
RESERVE_SECONDS = 3.0


def send_due(*, now: datetime, seconds_left: Callable[[], float], callbacks: CallbackRecords, queue: Queue) -> int:
    """Send a message for each due callback and return their number. A duplicate message does no harm."""
    sent = 0
    for job_ids in batched(callbacks.due(before=now - REST, now=now, limit=MOST), AT_ONCE, strict=False):
        if seconds_left() < RESERVE_SECONDS:
            break
        queue.send_all({"jobId": job_id} for job_id in job_ids)
        sent += len(job_ids)
    return sent

"""Projections of a job for fast reads: its item in the job table, its document in Redis. Best effort, never the source.

The projection of a terminal state also queues the job's callback.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.cache.cache import Cache
from mediagen.degraded import degraded
from mediagen.errors.text import SafeMessage
from mediagen.jobs.ids import created_at
from mediagen.jobs.job import Document, Job, tombstone
from mediagen.log import Subject
from mediagen.models.health import ModelHealth
from mediagen.times import iso, utc_now

KEEP = timedelta(days=7)
REST = timedelta(seconds=5)  # each use of a table that hangs costs four seconds of the poller's time
KEEP_TOMBSTONE = timedelta(days=1)  # a writer lives for minutes at most
_ONLY_IN_TABLE = {"timestamp", "expiresAt"}


def item(job: Job) -> dict[str, Any]:
    """Return a job's item for the table: without nulls (an index key cannot be null), with sort key and expiry.

    Metadata is stored as JSON text, because DynamoDB's numbers do not cover all of JSON's.
    """
    document = {name: value for name, value in job.document().items() if value is not None}
    return document | {
        "metadata": json.dumps(document["metadata"]),
        "timestamp": document["createdAt"],
        "expiresAt": int((job.created_at + KEEP).timestamp()),
    }


def tombstone_item(job: Job, now: datetime) -> dict[str, Any]:
    """Return the item that replaces a deleted job's: it is in no index, and it outlives every late writer."""
    return tombstone(job) | {"timestamp": iso(job.created_at), "expiresAt": int((now + KEEP_TOMBSTONE).timestamp())}


def document(item: Mapping[str, Any]) -> Document:
    """Return an item of the table as a document, with its nulls."""
    nulls = dict.fromkeys(("replicateId", "startedAt", "completedAt", "cost", "loggedPercent", "retryOf", "error"))
    metadata = {"metadata": json.loads(item.get("metadata", "{}"))}  # items of earlier releases have none
    return nulls | {name: value for name, value in item.items() if name not in _ONLY_IN_TABLE} | metadata


class TableCircuitOpen(SafeMessage, Exception):
    """The table was not used, because its circuit is open."""


class Circuit:
    """Open for some seconds when its block fails: meanwhile no block runs, and entering one raises TableCircuitOpen."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failed_at: datetime | None = None

    def __enter__(self) -> None:
        if self._failed_at and timedelta(0) <= self._clock() - self._failed_at < REST:
            raise TableCircuitOpen("it did not answer a moment ago")

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, Exception):
            self._failed_at = self._clock()


class Projection:
    """Write a job's newest state to the job table and the cache. The poller repairs writes that fail.

    Without `callbacks` no callback is queued: functions that read a status complete no job. After an error the table is
    not used for some seconds, except to hide a deleted job.
    """

    def __init__(
        self,
        table: JobTable,
        cache: Cache,
        health: ModelHealth,
        callbacks: Queue | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._table = table
        self._cache = cache
        self._health = health
        self._callbacks = callbacks
        self._circuit = Circuit(clock)

    def expect_end(self, job_id: str) -> None:
        """Shorten the cached status's lifetime to seconds, in case this function is killed after the commit."""
        self._cache.expect_end(job_id)

    def show(self, job: Job) -> None:
        """Write both projections, and queue the callback of a job in a terminal state."""
        with degraded("job_table", subject=job.subject), self._circuit:
            self._table.put(item(job))
        self._cache.remember_status(job.document(), is_of_row=job.epoch is not None)
        queue = self._callbacks
        if queue and job.callback_url and job.status.is_final:
            with degraded("callbacks", subject=job.subject):
                queue.send({"jobId": job.id})

    def outdate(self, epoch: datetime) -> None:
        """Outdate the projections of earlier epochs."""
        self._cache.remember_epoch(epoch)

    def hide(self, job: Job, now: datetime) -> bool:
        """Replace both projections by tombstones.

        Returns False if the table still has the job, whose item lives for days. A status that stays in an unavailable
        cache expires within minutes.
        """
        self._cache.remember_status(tombstone(job))
        with degraded("job_table", subject=job.subject) as writing:
            self._table.put(tombstone_item(job, now))
        return writing.succeeded

    def ended(self, job: Job, *, now: datetime) -> None:
        """Report the completed job to its model's circuit breaker."""
        self._health.ended(job, now=now)

    def read(self, job_id: str) -> Document | None:
        """Read a job's document from the table. Returns None also if the table is unavailable.

        The id holds the sort key.
        """
        kept = None
        with degraded("job_table", subject=Subject(job_id=job_id)), self._circuit:
            kept = self._table.get(job_id, iso(created_at(job_id)))
        return document(kept) if kept else None

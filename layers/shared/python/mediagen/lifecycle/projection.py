"""The faster pictures of a job: its item in the job table, its document in the cache. Never the truth, never fatal.

Whoever shows a job's end also has its client told of it.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.cache.cache import Cache
from mediagen.degraded import degraded
from mediagen.errors.text import OwnWords
from mediagen.jobs.ids import created_at
from mediagen.jobs.job import Document, Job, tombstone
from mediagen.log import Subject
from mediagen.models.health import ModelHealth
from mediagen.times import iso, utc_now

KEEP = timedelta(days=7)
REST = timedelta(seconds=5)  # a table that hangs costs four seconds each time, of the time that the poller has
KEEP_TOMBSTONE = timedelta(days=1)  # the longest a writer lives is minutes
_ONLY_IN_TABLE = {"timestamp", "expiresAt"}


def item(job: Job) -> dict[str, Any]:
    """Lay a job's document out for the table: without nulls (an index key cannot be one), with sort key and expiry.

    Metadata is written as a text: DynamoDB's numbers are not all of JSON's.
    """
    document = {name: value for name, value in job.document().items() if value is not None}
    return document | {
        "metadata": json.dumps(document["metadata"]),
        "timestamp": document["createdAt"],
        "expiresAt": int((job.created_at + KEEP).timestamp()),
    }


def tombstone_item(job: Job, now: datetime) -> dict[str, Any]:
    """Lay out what takes the place of a deleted job's item: in no index, and gone once nobody can be late any more."""
    return tombstone(job) | {"timestamp": iso(job.created_at), "expiresAt": int((now + KEEP_TOMBSTONE).timestamp())}


def document(item: Mapping[str, Any]) -> Document:
    """Read a document back from the table, with its nulls."""
    nulls = dict.fromkeys(("replicateId", "startedAt", "completedAt", "cost", "loggedPercent", "retryOf", "error"))
    metadata = {"metadata": json.loads(item.get("metadata", "{}"))}  # items of before have none
    return nulls | {name: value for name, value in item.items() if name not in _ONLY_IN_TABLE} | metadata


class TableRests(OwnWords, Exception):
    """The table was not asked, since it has just failed."""


class Circuit:
    """Opens for some seconds when its block fails: until then a block is not begun, which raises TableRests."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failed_at: datetime | None = None

    def __enter__(self) -> None:
        if self._failed_at and timedelta(0) <= self._clock() - self._failed_at < REST:
            raise TableRests("it did not answer a moment ago")

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, Exception):
            self._failed_at = self._clock()


class Projection:
    """Shows a job's newest state in the job table and the cache; the poller repairs what fails here.

    Without `callbacks` it shows only: nobody who reads a status ends a job. After an error the table is left alone for
    some seconds, except by who hides a job.
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
        """Let the cache forget the running job within seconds, in case this function is killed after the commit."""
        self._cache.expect_end(job_id)

    def show(self, job: Job) -> None:
        """Write both pictures; of an ended job with a callback, say that it is due."""
        with degraded("job_table", subject=job.subject), self._circuit:
            self._table.put(item(job))
        self._cache.remember_status(job.document(), is_of_row=job.epoch is not None)
        queue = self._callbacks
        if queue and job.callback_url and job.status.is_final:
            with degraded("callbacks", subject=job.subject):
                queue.send({"jobId": job.id})

    def outdate(self, epoch: datetime) -> None:
        """Let what was shown in earlier epochs count no more."""
        self._cache.remember_epoch(epoch)

    def hide(self, job: Job, now: datetime) -> bool:
        """Put tombstones in the place of both pictures; False where the table still has its own, which lives for days.

        One that stays in the cache, because that is away, ends by itself within minutes.
        """
        self._cache.remember_status(tombstone(job))
        with degraded("job_table", subject=job.subject) as writing:
            self._table.put(tombstone_item(job, now))
        return writing.succeeded

    def ended(self, job: Job, *, now: datetime) -> None:
        """Let it count for or against its model."""
        self._health.ended(job, now=now)

    def read(self, job_id: str) -> Document | None:
        """Read a job's picture from the table; None also when the table is away. The id holds the sort key."""
        kept = None
        with degraded("job_table", subject=Subject(job_id=job_id)), self._circuit:
            kept = self._table.get(job_id, iso(created_at(job_id)))
        return document(kept) if kept else None

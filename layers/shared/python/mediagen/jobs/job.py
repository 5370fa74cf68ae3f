"""A job as PostgreSQL knows it, and the document that the job table, the cache and the API show of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from mediagen.jobs.epochs import NEVER_RESTORED, projected_revision
from mediagen.jobs.failures import Failure
from mediagen.jobs.left_out import LeftOut
from mediagen.jobs.state import Status
from mediagen.log import Subject
from mediagen.times import iso, optional_iso

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Output:
    """A stored file. Bytes, pixels and seconds; `kind` is original, thumbnail, preview, waveform or metadata."""

    kind: str
    key: str
    content_type: str
    bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None

    def document(self) -> Document:
        """Write it as the API does, but with the key that a link is signed for when it is read."""
        return {
            "kind": self.kind,
            "key": self.key,
            "contentType": self.content_type,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "width": self.width,
            "height": self.height,
            "durationSeconds": self.duration_seconds,
        }


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted request. `revision` grows by one with every transition; money is US dollars, times are UTC.

    `started_at` is when Replicate had it, `logged_percent` how far its logs said it was when they were last read,
    `metadata` the client's own notes, `retry_of` the job whose request this one repeats, `batch_index` which of the
    requests of a batch it was, `left_out` what of a completed job's result is not among its outputs. `epoch` is when
    PostgreSQL's epoch began, as read with the row; None if the job was made here.
    """

    id: str
    user_id: str
    media_type: str
    model_id: str
    status: Status
    created_at: datetime
    updated_at: datetime
    deadline_at: datetime
    estimated_seconds: int
    estimated_cost: Decimal
    params: Mapping[str, Any]
    revision: int = 1
    replicate_id: str | None = None
    cost: Decimal | None = None
    error: Failure | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    logged_percent: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    retry_of: str | None = None
    batch_id: str | None = None
    batch_index: int | None = None
    callback_url: str | None = None
    outputs: tuple[Output, ...] = field(default=())
    left_out: tuple[LeftOut, ...] = field(default=())
    epoch: datetime | None = field(default=None, compare=False)

    @property
    def projected_revision(self) -> int:
        """The revision that projections carry: of two of them the newer has the higher one, also after a restore."""
        return projected_revision(self.revision, self.epoch or NEVER_RESTORED)

    @property
    def is_restored(self) -> bool:
        """Whether a restore brought the row back: more may have happened to the job than PostgreSQL knows."""
        return self.epoch is not None and self.created_at < self.epoch

    @property
    def sent_until(self) -> datetime:
        """Until when a `submitting` job may have been sent; from `updated_at` on. After a restore this is a span."""
        return max(self.updated_at, self.epoch or self.updated_at)

    @property
    def subject(self) -> Subject:
        """The job in the log's fields."""
        return Subject(self.id, self.user_id, self.media_type, self.model_id)

    def document(self) -> Document:
        """Write what may be shown of the job, and to whom; its params, prompts and address stay in PostgreSQL."""
        return {
            "jobId": self.id,
            "userId": self.user_id,
            "revision": self.projected_revision,
            "replicateId": self.replicate_id,
            "status": str(self.status),
            "mediaType": self.media_type,
            "modelId": self.model_id,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "startedAt": optional_iso(self.started_at),
            "completedAt": optional_iso(self.completed_at),
            "deadlineAt": iso(self.deadline_at),
            "estimatedTime": self.estimated_seconds,
            "estimatedCost": float(self.estimated_cost),
            "cost": None if self.cost is None else float(self.cost),
            "loggedPercent": self.logged_percent,
            "metadata": dict(self.metadata),
            "retryOf": self.retry_of,
            "error": self.error.document() if self.error else None,
            "outputs": [output.document() for output in self.outputs],
            "leftOut": [left_out.document() for left_out in self.left_out],
            "partial": bool(self.left_out),
        }


def tombstone(job: Job) -> Document:
    """Write what takes the place of a deleted job's document: its revision keeps older ones from coming back."""
    return {"jobId": job.id, "revision": job.projected_revision, "deleted": True}


def is_tombstone(document: Document) -> bool:
    """Tell whether the job of a document was deleted."""
    return "deleted" in document

"""A job as PostgreSQL stores it, and its document as the job table, the cache and the API show it."""

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
        """Return the file as the API shows it, with its key; the link is signed when the status is read."""
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

    `started_at` is when Replicate accepted the job, `logged_percent` the progress in the model's logs, `metadata` the
    client's own data, `retry_of` the job that this one repeats, `batch_index` its position in a batch, `left_out` the
    parts of the result that are not among `outputs`. `epoch` is PostgreSQL's epoch as read with the row; None if this
    process made the job.
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
        """The revision for projections: the newer of two projections has the higher one, also after a restore."""
        return projected_revision(self.revision, self.epoch or NEVER_RESTORED)

    @property
    def is_restored(self) -> bool:
        """Whether a restore brought the row back: the job may have progressed further than PostgreSQL knows."""
        return self.epoch is not None and self.created_at < self.epoch

    @property
    def sent_until(self) -> datetime:
        """The latest time at which a `submitting` job may have been sent. The earliest is `updated_at`."""
        return max(self.updated_at, self.epoch or self.updated_at)

    @property
    def subject(self) -> Subject:
        """The job in the log's fields."""
        return Subject(self.id, self.user_id, self.media_type, self.model_id)

    def document(self) -> Document:
        """Return what the job's owner may see. Params, prompts and the callback URL stay in PostgreSQL."""
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
    """Return the document that replaces a deleted job's. Its revision keeps older documents from returning."""
    return {"jobId": job.id, "revision": job.projected_revision, "deleted": True}


def is_tombstone(document: Document) -> bool:
    """Return whether the document marks a deleted job."""
    return "deleted" in document

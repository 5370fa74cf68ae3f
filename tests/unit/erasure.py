"""Fakes of all places from which a deleted job is removed: they record their calls, and can be down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediagen.aws.media_erasure import MediaErasure
from mediagen.errors.refusals import Unavailable
from mediagen.jobs.job import Job
from mediagen.lifecycle.erase import Ports
from mediagen.lifecycle.projection import Projection
from mediagen.records.deletions import DeletionRecords, Leftover


@dataclass
class Erasure(DeletionRecords, MediaErasure):
    """PostgreSQL, the media bucket and the projections in one; `away` are the parts that fail."""

    left: Sequence[Leftover] = ()
    away: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    look_again: dict[str, datetime | None] = field(default_factory=dict)
    claimed: list[tuple[datetime, timedelta, int]] = field(default_factory=list)

    @property
    def ports(self) -> Ports:
        return Ports(self, self, Hidden(self))

    def erase(self, prefix: str) -> int:
        if prefix.partition("/")[0] in self.away:
            raise OSError("away")
        self.done.append(prefix)
        return 1

    def read(self, key: str) -> bytes | None:
        if "bucket" in self.away:
            raise OSError("away")
        return self.objects.get(key)

    def scrub(self, job_id: str, *, erase_at: datetime | None) -> None:
        if "database" in self.away:
            raise Unavailable("The database cannot be reached.", retry_after_seconds=5)
        self.done.append("scrubbed")
        self.look_again[job_id] = erase_at

    def cleared(self, job_id: str) -> None:
        self.done.append("cleared")

    def claim(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Leftover]:
        self.claimed.append((now, again_in, limit))
        return list(self.left)


@dataclass
class Hidden(Projection):
    """Projections of deleted jobs."""

    erasure: Erasure

    def hide(self, job: Job, now: datetime) -> bool:
        self.erasure.done.append(f"hidden {job.revision}")
        return "table" not in self.erasure.away

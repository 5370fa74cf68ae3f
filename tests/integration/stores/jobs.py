"""Jobs for the tests of the stores."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from mediagen.errors.problems import problem
from mediagen.errors.refusals import InvalidFields
from mediagen.jobs.batches import Batch
from mediagen.jobs.failures import failure
from mediagen.jobs.ids import created_at, new_job_id
from mediagen.jobs.job import Job, Output
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.jobs import JobRecords

NOW = datetime(2026, 11, 22, 17, 0, 0, 123_000, tzinfo=UTC)
PATHS: dict[Status, tuple[Status, ...]] = {
    Status.QUEUED: (Status.QUEUED,),
    Status.SUBMITTING: (),
    Status.PROCESSING: (Status.PROCESSING,),
    Status.COMPLETED: (Status.PROCESSING, Status.COMPLETED),
    Status.FAILED: (Status.FAILED,),
    Status.CANCELED: (Status.CANCELED,),
}


def add_user(sql: Any) -> str:
    user_id = str(uuid4())
    sql.run("INSERT INTO users (id, name, created_at) VALUES (:id, 'somebody', now())", id=user_id)
    return user_id


def job(user_id: str, now: datetime = NOW, **changes: Any) -> Job:
    job_id = new_job_id(now)
    created = created_at(job_id)
    values: dict[str, Any] = {
        "id": job_id,
        "user_id": user_id,
        "media_type": "image",
        "model_id": "flux-schnell",
        "status": Status.SUBMITTING,
        "created_at": created,
        "updated_at": created,
        "deadline_at": created + timedelta(minutes=30),
        "estimated_seconds": 5,
        "estimated_cost": Decimal("0.003"),
        "params": {"prompt": "ein Apfel 🍎", "seed": 1, "fit": None, "steps": [1, 2.5]},
        "metadata": {"Bestellung": "7 🍏", "whole": 5.0, "tiny": 1e-200, "most": 2**53 - 1, "vip": True},
    }
    return Job(**(values | changes))


def batch(user_id: str, jobs: int = 2, *, now: datetime = NOW) -> Batch:
    """Make a batch as generate_batch does; its second request was refused."""
    batch_id = new_job_id(now)
    places = [0, *range(2, jobs + 1)]
    made = [
        job(user_id, now, status=Status.QUEUED, revision=0, batch_id=batch_id, batch_index=place) for place in places
    ]
    return Batch(
        batch_id,
        user_id,
        created_at(batch_id),
        (made[0], problem(InvalidFields("1 of the fields is not right.")), *made[1:]),
    )


def added(records: JobRecords, user_id: str, *, check_in: timedelta = timedelta(0), **changes: Any) -> Job:
    new = job(user_id, **changes)
    records.add(new, check_at=new.created_at + check_in)
    return new


def change_to(target: Status, *, reason: str = "test", outputs: Sequence[Output] = ()) -> Change:
    """Return the data that a transition needs besides the status."""
    return Change(reason, error=failure("generation_failed") if target is Status.FAILED else None, outputs=outputs)


def in_status(records: JobRecords, user_id: str, status: Status) -> Job:
    """Record a job and bring it to a status through allowed transitions."""
    brought = added(records, user_id)
    for target in PATHS[status]:
        moved = records.move(brought.id, target, change_to(target), now=NOW)
        assert moved is not None
        brought = moved
    return brought


def output(job_id: str, position: int, **changes: Any) -> Output:
    values: dict[str, Any] = {
        "kind": "original",
        "key": f"images/user/2026/11/22/{job_id}/original-{position}.webp",
        "content_type": "image/webp",
        "bytes": 3_000_000_000 + position,
        "sha256": f"{position:064x}",
        "width": 512,
        "height": 288,
    }
    return Output(**(values | changes))


def history(sql: Any, job_id: str) -> list[list[Any]]:
    """Return a job's history: revision, from, to, reason."""
    rows: list[list[Any]] = sql.run(
        "SELECT revision, from_status, to_status, reason FROM job_events WHERE job_id = :id ORDER BY revision",
        id=job_id,
    )
    return rows

"""Jobs in PostgreSQL. Every change is one guarded statement that also writes the job's history."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mediagen import log
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import STORING, Change
from mediagen.limits.budget import NO_LIMITS, Limits, require_admitted
from mediagen.records.database import Database, Row
from mediagen.records.job_rows import EPOCH, WITH_OUTPUTS, read_job
from mediagen.records.job_statements import (
    ADD_CLAIMED,
    ADD_PLAIN,
    CLAIM_OVERDUE,
    CLAIM_PAST_DEADLINE,
    CLAIM_WAITING,
    COUNT_OVERDUE,
    MOVE_NEXT,
    MOVE_ONE,
    NOTE_PROGRESS,
    POSTPONE,
)
from mediagen.strict_json import storable


class JobRecords:
    """The jobs of all users. The caller checks the owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: Job, *, check_at: datetime, claim: Claim | None = None, defaults: Limits = NO_LIMITS) -> bool:
        """Record a new job with its claim. Returns False if another request holds the key.

        The key's holder may also be this job, if the answer of the first attempt was lost. `defaults` are the limits of
        users without their own. Raises TooManyRunningJobs, BudgetExceeded, Unavailable: then nothing was recorded.
        """
        rows = self._write(
            ADD_CLAIMED if claim else ADD_PLAIN,
            id=job.id,
            user_id=job.user_id,
            media_type=job.media_type,
            model_id=job.model_id,
            params=json.dumps(dict(job.params)),
            metadata=json.dumps(dict(job.metadata)),
            retry_of=job.retry_of,
            status=str(job.status),
            revision=job.revision,
            estimated_seconds=job.estimated_seconds,
            estimated_cost=job.estimated_cost,
            created_at=job.created_at,
            deadline_at=job.deadline_at,
            next_check_at=check_at,
            batch_id=job.batch_id,
            batch_index=job.batch_index,
            default_jobs=defaults.concurrent_jobs,
            default_budget=defaults.monthly_budget,
            callback_url=job.callback_url,
            **(_claimed(claim) if claim else {}),
        )
        require_admitted(rows[0], price=job.estimated_cost, now=job.created_at)
        return rows[0]["id"] is not None or claim is None

    def move(self, job_id: str, target: Status, change: Change, *, now: datetime) -> Job | None:
        """Move a job if the state machine allows it. Returns None if another worker moved it: then do nothing more."""
        rows = self._write(MOVE_ONE, id=job_id, **_moving(target, change, now))
        return read_job(rows[0]) if rows else None

    def take_turn(self, change: Change, *, now: datetime) -> Job | None:
        """Move the next queued job to `submitting`. Returns None if no job is queued.

        If the answer is lost, the job stays `submitting` without being sent until its absence at Replicate is proven.
        """
        rows = self._write(MOVE_NEXT, **_moving(Status.SUBMITTING, change, now))
        return read_job(rows[0]) if rows else None

    def has_queued(self) -> bool:
        """Return whether a job is queued. Counting takes longer the more jobs wait."""
        [row] = self._database.run("SELECT EXISTS (SELECT FROM jobs WHERE status = 'queued') AS found")
        return bool(row["found"])

    def count_queued(self) -> int:
        """Count the queued jobs."""
        [row] = self._database.run("SELECT count(*) AS queued FROM jobs WHERE status = 'queued'")
        return int(row["queued"])

    def note_progress(self, job_id: str, percent: int) -> Job | None:
        """Record the progress of a running job. Returns None if it no longer runs."""
        rows = self._write(NOTE_PROGRESS, id=job_id, percent=percent)
        return read_job(rows[0]) if rows else None

    def epoch(self) -> datetime:
        """Return the time at which the epoch began."""
        [row] = self._database.run(f"SELECT {EPOCH}")
        began_at: datetime = row["epoch"]
        return began_at

    def find(self, job_id: str) -> Job | None:
        """Return a job with its outputs. A deleted job is not found."""
        rows = self._database.run(f"{WITH_OUTPUTS} WHERE jobs.id = :id AND deleted_at IS NULL", id=job_id)
        return read_job(rows[0]) if rows else None

    def find_any(self, job_id: str) -> Job | None:
        """Return a job, also a deleted one, to cancel or count it; never to show it."""
        rows = self._database.run(f"{WITH_OUTPUTS} WHERE jobs.id = :id", id=job_id)
        return read_job(rows[0]) if rows else None

    def find_by_replicate_id(self, replicate_id: str) -> Job | None:
        """Return the job of a prediction, also a deleted one."""
        rows = self._database.run(f"{WITH_OUTPUTS} WHERE replicate_id = :replicate_id", replicate_id=replicate_id)
        return read_job(rows[0]) if rows else None

    def count_overdue(self, *, now: datetime) -> int:
        """Count the jobs that `claim_overdue` and `claim_past_deadline` would claim."""
        [row] = self._database.run(COUNT_OVERDUE, now=now)
        return int(row["overdue"])

    def claim_overdue(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Job]:
        """Claim sent jobs whose completion is overdue, first those whose results Replicate deletes first.

        No other poller gets them until `again_in` has passed.
        """
        rows = self._database.run(CLAIM_OVERDUE, now=now, again_at=now + again_in, limit=limit)
        return [read_job(row) for row in rows]

    def claim_past_deadline(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Job]:
        """Claim queued jobs past their deadline, exclusively like `claim_overdue`."""
        rows = self._database.run(CLAIM_PAST_DEADLINE, now=now, again_at=now + again_in, limit=limit)
        return [read_job(row) for row in rows]

    def claim_waiting(self, *, now: datetime, again_in: timedelta, limit: int) -> list[str]:
        """Claim queued jobs that should have been sent by now, exclusively like `claim_overdue`. Returns their ids."""
        rows = self._database.run(CLAIM_WAITING, now=now, again_at=now + again_in, limit=limit)
        return [row["id"] for row in rows]

    def postpone(self, job_ids: Sequence[str], *, check_at: datetime) -> None:
        """Set the time of the next check of unfinished jobs."""
        self._database.run(POSTPONE, ids=list(job_ids), check_at=check_at)

    def changed_between(self, start: datetime, end: datetime, *, limit: int) -> list[Job]:
        """List the jobs whose last transition lies in a window, oldest first, without deleted ones."""
        window = "updated_at >= :start AND updated_at < :until AND deleted_at IS NULL"
        sql = f"{WITH_OUTPUTS} WHERE {window} ORDER BY updated_at LIMIT :limit"
        rows = self._database.run(sql, start=start, until=end, limit=limit)
        return [read_job(row) for row in rows]

    def _write(self, sql: str, **parameters: object) -> list[Row]:
        started = time.monotonic()
        rows = self._database.run(sql, **parameters)
        duration = (time.monotonic() - started) * 1000
        log.event("database.write", level="DEBUG", metrics=[log.Metric("DatabaseWriteTime", duration, "Milliseconds")])
        return rows


def _moving(target: Status, change: Change, now: datetime) -> dict[str, object]:
    error = change.error
    outputs = [output.document() | {"position": at} for at, output in enumerate(change.outputs)]
    return {
        "target": str(target),
        "sources": [str(state) for state in change.sources(target)],
        "is_final": target.is_final,
        "now": now,
        "next_check_at": now + change.next_check_in,
        "replicate_id": change.replicate_id,
        "cost": change.cost,
        "predict_seconds": change.predict_seconds,
        "error_code": error.code if error else None,
        "error_message": error.message if error else None,
        "error_retryable": error.retryable if error else None,
        "reason": change.reason,
        "details": _storable(change.details),
        "outputs": json.dumps(outputs),
        "left_out": json.dumps([left_out.row() for left_out in change.left_out]),
        "erase_at": now + STORING if target in (Status.FAILED, Status.CANCELED) else None,
    }


def _claimed(claim: Claim) -> dict[str, object]:
    return {
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "claimed_at": claim.made_at,
        "outlives": claim.outlives,
    }


def _storable(details: Mapping[str, object]) -> str:
    """Return JSON that PostgreSQL can store, whatever a prediction contains: the job must reach a terminal state."""
    return json.dumps(storable(dict(details)), default=str, allow_nan=False)

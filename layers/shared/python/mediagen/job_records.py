"""Jobs in PostgreSQL. Every change is one guarded statement that writes its row of history with it."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from mediagen import log
from mediagen.admission import NO_LIMITS, Limits, require_admitted
from mediagen.bodies import NUL
from mediagen.database import Database, Row
from mediagen.failures import Failure
from mediagen.idempotency import Claim
from mediagen.job_rows import WITH_OUTPUTS, read_job
from mediagen.jobs import Job, Output
from mediagen.states import Status, sources

# process_webhook lives for five minutes: it may go on storing media of a job that has ended meanwhile.
STORING = timedelta(minutes=6)

# Revision 0 is the acceptance and revision 1 the intent to submit: both are known before anything leaves this service.
# A job of a batch only waits (revision 0): `submit_job` sends it.
_ADD = """
WITH admitted AS (
    SELECT * FROM admit(:id, :user_id, CAST(:estimated_cost AS numeric(12, 6)), :created_at,
                        :default_jobs, :default_budget)
), {claimed}added AS (
    INSERT INTO jobs (id, user_id, media_type, model_id, params, metadata, retry_of, status, revision,
                      estimated_seconds, estimated_cost, created_at, updated_at, deadline_at, next_check_at, batch_id,
                      batch_index, callback_url)
    SELECT :id, :user_id, :media_type, :model_id, CAST(:params AS jsonb), CAST(:metadata AS jsonb), :retry_of,
           :status, :revision, :estimated_seconds, :estimated_cost, :created_at, :created_at, :deadline_at,
           :next_check_at, :batch_id, :batch_index, :callback_url
    FROM {source}
    ON CONFLICT (id) DO NOTHING
    RETURNING id, created_at, revision
), events AS (
    INSERT INTO job_events (job_id, revision, from_status, to_status, reason, at)
    SELECT id, 0, NULL, 'queued', 'accepted', created_at FROM added
    UNION ALL
    SELECT id, 1, 'queued', 'submitting', 'submit', created_at FROM added WHERE revision = 1
)
SELECT admitted.*, added.id FROM admitted LEFT JOIN added ON true
"""
# Who comes second waits here until the first has committed, and then claims nothing.
_CLAIMED = """claimed AS (
    INSERT INTO idempotency_keys AS held (user_id, key, fingerprint, job_id, created_at)
    SELECT :user_id, :key, :fingerprint, :id, :claimed_at FROM admitted WHERE refusal IS NULL
    ON CONFLICT (user_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, job_id = excluded.job_id, batch_id = NULL, created_at = excluded.created_at
    WHERE held.created_at <= :outlives
    RETURNING 1
), """
_ADD_PLAIN = _ADD.format(claimed="", source="admitted WHERE refusal IS NULL")
_ADD_CLAIMED = _ADD.format(claimed=_CLAIMED, source="claimed")

_MOVE = """
WITH found AS (
    SELECT id, status AS from_status FROM jobs
    WHERE id = :id AND status = ANY(CAST(:sources AS text[])) FOR UPDATE
), moved AS (
    UPDATE jobs SET
        status = :target,
        revision = revision + 1,
        updated_at = :now,
        started_at = CASE WHEN CAST(:target AS text) = 'processing' THEN CAST(:now AS timestamptz) ELSE started_at END,
        completed_at = CASE WHEN CAST(:is_final AS boolean) THEN CAST(:now AS timestamptz) END,
        next_check_at = CASE WHEN CAST(:is_final AS boolean) THEN NULL ELSE CAST(:next_check_at AS timestamptz) END,
        erase_at = CASE WHEN COALESCE(:replicate_id, replicate_id) IS NOT NULL THEN CAST(:erase_at AS timestamptz) END,
        replicate_id = COALESCE(:replicate_id, replicate_id),
        cost = COALESCE(:cost, cost),
        predict_seconds = COALESCE(:predict_seconds, predict_seconds),
        error_code = :error_code,
        error_message = :error_message,
        error_retryable = :error_retryable
    FROM found WHERE jobs.id = found.id
    RETURNING jobs.*, found.from_status
), event AS (
    INSERT INTO job_events (job_id, revision, from_status, to_status, reason, details, at)
    SELECT id, revision, from_status, status, :reason, CAST(:details AS jsonb), :now FROM moved
), files AS (
    INSERT INTO media_outputs (job_id, position, kind, key, content_type, bytes, sha256, width, height,
                               duration_seconds)
    SELECT moved.id, o.position, o.kind, o.key, o."contentType", o.bytes, o.sha256, o.width, o.height,
           o."durationSeconds"
    FROM moved, jsonb_to_recordset(CAST(:outputs AS jsonb)) AS o(
        position integer, kind text, key text, "contentType" text, bytes bigint, sha256 text, width integer,
        height integer, "durationSeconds" double precision)
), outbox AS (
    INSERT INTO callbacks (job_id, url, created_at, next_try_at)
    SELECT id, callback_url, :now, :now FROM moved WHERE callback_url IS NOT NULL AND CAST(:is_final AS boolean)
)
SELECT *, CAST(:outputs AS jsonb) AS outputs FROM moved
"""

# The claim is the postponed check: another poller, or this one after a crash, takes the job up again later. The list is
# made before: in a condition it may be read again for each row, and then has others.
_CLAIM = """
WITH overdue AS MATERIALIZED (
    SELECT id FROM jobs WHERE next_check_at <= :now ORDER BY next_check_at LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE jobs SET next_check_at = :again_at FROM overdue WHERE jobs.id = overdue.id
RETURNING jobs.*, CAST('[]' AS jsonb) AS outputs
"""

# No transition, so no revision: whoever holds the document of this revision holds all of it but a guess at the rest.
_NOTE_PROGRESS = """
UPDATE jobs SET logged_percent = :percent WHERE id = :id AND status = 'processing'
RETURNING *, CAST('[]' AS jsonb) AS outputs
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What a transition writes besides the status. `reason` names it in the history; `details` are for operators.

    `only_from`: what was decided holds for a job in this state only.
    """

    reason: str
    next_check_in: timedelta = timedelta(minutes=5)
    replicate_id: str | None = None
    cost: Decimal | None = None
    predict_seconds: Decimal | None = None
    error: Failure | None = None
    outputs: Sequence[Output] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    only_from: Status | None = None

    def sources(self, target: Status) -> tuple[Status, ...]:
        """List the states from which a job may make this move to `target`."""
        return tuple(state for state in sources(target) if self.only_from in (None, state))


class JobRecords:
    """The jobs of all users; who may see one is decided by the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: Job, *, check_at: datetime, claim: Claim | None = None, defaults: Limits = NO_LIMITS) -> bool:
        """Record a new job as it is, and with it the claim; or neither, where the key is taken already.

        False: look whose the key is. It may be this very job's, where the answer of the first try was lost.
        `defaults` are the limits of users who have none of their own.
        Raises TooManyRunningJobs, BudgetExceeded, Unavailable: then nothing was accepted.
        """
        rows = self._write(
            _ADD_CLAIMED if claim else _ADD_PLAIN,
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
        """Move a job where the state machine allows it. None: it was moved by somebody else, so do nothing more."""
        error = change.error
        outputs = [output.document() | {"position": at} for at, output in enumerate(change.outputs)]
        rows = self._write(
            _MOVE,
            id=job_id,
            target=str(target),
            sources=[str(state) for state in change.sources(target)],
            is_final=target.is_final,
            now=now,
            next_check_at=now + change.next_check_in,
            erase_at=now + STORING if target in (Status.FAILED, Status.CANCELED) else None,
            replicate_id=change.replicate_id,
            cost=change.cost,
            predict_seconds=change.predict_seconds,
            error_code=error.code if error else None,
            error_message=error.message if error else None,
            error_retryable=error.retryable if error else None,
            reason=change.reason,
            details=_storable(change.details),
            outputs=json.dumps(outputs),
        )
        return read_job(rows[0]) if rows else None

    def note_progress(self, job_id: str, percent: int) -> Job | None:
        """Note how far a running job is. None: it does not run any more."""
        rows = self._write(_NOTE_PROGRESS, id=job_id, percent=percent)
        return read_job(rows[0]) if rows else None

    def find(self, job_id: str) -> Job | None:
        """Read a job with its outputs; a deleted one is not there."""
        rows = self._database.run(f"{WITH_OUTPUTS} WHERE jobs.id = :id AND deleted_at IS NULL", id=job_id)
        return read_job(rows[0]) if rows else None

    def find_any(self, job_id: str) -> Job | None:
        """Read a job, also what is left of a deleted one: for those who stop or count it, never to show it."""
        rows = self._database.run(f"{WITH_OUTPUTS} WHERE jobs.id = :id", id=job_id)
        return read_job(rows[0]) if rows else None

    def find_by_replicate_id(self, replicate_id: str) -> Job | None:
        """Read the job a prediction belongs to, deleted or not."""
        rows = self._database.run(f"{WITH_OUTPUTS} WHERE replicate_id = :replicate_id", replicate_id=replicate_id)
        return read_job(rows[0]) if rows else None

    def claim_overdue(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Job]:
        """Take jobs that should have been heard of by now; nobody else gets them until `again_in` has passed."""
        rows = self._database.run(_CLAIM, now=now, again_at=now + again_in, limit=limit)
        return [read_job(row) for row in rows]

    def changed_between(self, start: datetime, end: datetime, *, limit: int) -> list[Job]:
        """List the jobs whose last transition lies in a window, oldest first; deleted ones are not there."""
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


def _claimed(claim: Claim) -> dict[str, object]:
    return {
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "claimed_at": claim.made_at,
        "outlives": claim.outlives,
    }


def _storable(details: Mapping[str, object]) -> str:
    """Write JSON that PostgreSQL takes: it stores no NUL and no lone surrogate, and an error text may hold both."""
    text = json.dumps(dict(details), default=str, ensure_ascii=False)
    return NUL.sub(r"\1", text).encode(errors="replace").decode()

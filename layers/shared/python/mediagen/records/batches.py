"""Batches in PostgreSQL: a batch, its jobs and its idempotency key are written in one transaction."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from mediagen.errors.refusals import Refusal, Unavailable
from mediagen.jobs.batches import Batch, Draft, made_of
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.job import Document, Job
from mediagen.limits.budget import NO_LIMITS, Limits
from mediagen.records.database import Database
from mediagen.records.job_lists import COLUMNS
from mediagen.records.job_rows import read_job
from mediagen.records.jobs import JobRecords

# The later of two equal requests waits here for the first one's commit, and then claims nothing. `admit` is called for
# its lock only, and its answer ignored: a single request of a user with limits locks the user before the key. In
# another order each would wait for the other (ADR 45).
_CLAIM = """
INSERT INTO idempotency_keys AS held (user_id, key, fingerprint, batch_id, created_at)
SELECT :user_id, :key, :fingerprint, :batch_id, :claimed_at
FROM admit(:batch_id, :user_id, 0, :claimed_at, :default_jobs, :default_budget)
ON CONFLICT (user_id, key) DO UPDATE
SET fingerprint = excluded.fingerprint, job_id = NULL, batch_id = excluded.batch_id, created_at = excluded.created_at
WHERE held.created_at <= :outlives
RETURNING 1 AS claimed
"""
_ADD = """
INSERT INTO batches (id, user_id, refusals, created_at)
VALUES (:id, :user_id, CAST(:refusals AS json), :created_at)
ON CONFLICT (id) DO NOTHING
"""
_FIND = "SELECT CAST(user_id AS text) AS user_id, refusals, created_at FROM batches WHERE id = :id"


class BatchRecords:
    """The batches of all users. The caller checks the owner."""

    def __init__(self, database: Database, jobs: JobRecords) -> None:
        self._database = database
        self._jobs = jobs

    def add(
        self,
        batch_id: str,
        user_id: str,
        drafts: Sequence[Draft],
        *,
        check_at: datetime,
        claim: Claim | None = None,
        defaults: Limits = NO_LIMITS,
    ) -> Batch | None:
        """Record a new batch with its jobs and its claim. Returns None if another request holds the key.

        The key's holder may also be this batch, if the answer of the first attempt was lost. A job above a limit is
        refused on its own; `defaults` are the limits of users without their own. Raises BatchRefused (or the first
        refusal) and Unavailable: then nothing was recorded.
        """

        def act() -> Batch | None:
            if claim and not self._claim(batch_id, claim, defaults):
                return None
            batch = made_of(batch_id, user_id, [self._added(draft, check_at, defaults) for draft in drafts])
            refusals = json.dumps(batch.refusals)
            self._database.run(_ADD, id=batch.id, user_id=user_id, refusals=refusals, created_at=batch.created_at)
            return batch

        return self._database.together(act)

    def _added(self, draft: Draft, check_at: datetime, defaults: Limits) -> Draft:
        if not isinstance(draft, Job):
            return draft
        try:
            self._jobs.add(draft, check_at=check_at, defaults=defaults)
        except Unavailable:  # the refusal of the whole batch
            raise
        except Refusal as refusal:
            return refusal
        return draft

    def _claim(self, batch_id: str, claim: Claim, defaults: Limits) -> bool:
        rows = self._database.run(
            _CLAIM,
            user_id=claim.user_id,
            key=claim.key,
            fingerprint=claim.fingerprint,
            batch_id=batch_id,
            claimed_at=claim.made_at,
            outlives=claim.outlives,
            default_jobs=defaults.concurrent_jobs,
            default_budget=defaults.monthly_budget,
        )
        return bool(rows)

    def find(self, batch_id: str) -> Batch | None:
        """Return a batch; its jobs have no params and outputs."""
        rows = self._database.run(_FIND, id=batch_id)
        if not rows:
            return None
        [row] = rows
        jobs = self._database.run(f"{COLUMNS}WHERE batch_id = :batch_id", batch_id=batch_id)
        results = _in_order([read_job(job) for job in jobs], row["refusals"])
        return Batch(batch_id, row["user_id"], row["created_at"], results)


def _in_order(jobs: list[Job], refusals: Mapping[str, Document]) -> tuple[Job | Document, ...]:
    found: dict[int, Job | Document] = {int(at): document for at, document in refusals.items()}
    found |= {job.batch_index: job for job in jobs if job.batch_index is not None}
    return tuple(found[at] for at in sorted(found))

"""The poller with ports that record their calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from check_replicate_status.ports import Ports
from check_replicate_status.repairing import REST, WINDOW
from mediagen.aws.errors import AwsError
from mediagen.aws.job_table import JobTable
from mediagen.jobs.epochs import NEVER_RESTORED
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.absences import AbsenceRecords
from mediagen.records.callbacks import CallbackRecords
from mediagen.records.claims import ClaimRecords
from unit.erasure import Erasure
from unit.pace import Pace
from unit.samples import JOB_ID, Provider, Queue, Records
from unit.screen import Screen


@dataclass
class Overdue(Records):
    """Jobs that are all overdue and recently changed."""

    taken: set[str] = field(default_factory=set)
    postponed: list[tuple[Sequence[str], datetime]] = field(default_factory=list)

    def count_overdue(self, *, now: datetime) -> int:
        return len(self.jobs)

    def epoch(self) -> datetime:
        """Return the epoch of a database that was never restored."""
        return NEVER_RESTORED

    def claim_overdue(self, **_limits: Any) -> list[Job]:
        return [job for job in self.jobs.values() if job.status is not Status.QUEUED]

    def claim_past_deadline(self, *, now: datetime, **_limits: Any) -> list[Job]:
        """Claim the queued jobs whose deadline has passed."""
        return [job for job in self.jobs.values() if job.status is Status.QUEUED and job.deadline_at <= now]

    def postpone(self, job_ids: Sequence[str], *, check_at: datetime) -> None:
        self.postponed.append((job_ids, check_at))

    def claim_waiting(self, *, now: datetime, again_in: timedelta, limit: int) -> list[str]:
        waiting = [job.id for job in self.jobs.values() if job.status is Status.QUEUED and job.id not in self.taken]
        self.taken.update(waiting[:limit])
        return waiting[:limit]

    def changed_between(self, start: datetime, end: datetime, *, limit: int) -> list[Job]:
        """List a page of jobs, as changed at the start of the last minutes."""
        return list(self.jobs.values())[:limit] if end - start == WINDOW - REST else []


@dataclass
class Table(JobTable):
    """Revisions in the job table."""

    kept: dict[str, int] = field(default_factory=dict)
    is_away: bool = False

    def revisions(self, keys: Iterable[tuple[str, str]]) -> dict[str, int]:
        if self.is_away:
            raise AwsError("ThrottlingException", 400, "Rate exceeded")
        return {job_id: self.kept[job_id] for job_id, _ in keys if job_id in self.kept}

    def put(self, item: Mapping[str, Any]) -> bool:
        self.kept[item["jobId"]] = item["revision"]
        return True


@dataclass
class Absences(AbsenceRecords):
    """Evidence of absence as in PostgreSQL; `known` has the ids of predictions that belong to jobs."""

    known: set[str] = field(default_factory=set)
    account: tuple[str, datetime] | None = None
    first: dict[tuple[str, int], datetime] = field(default_factory=dict)

    def known_predictions(self, ids: Sequence[str]) -> set[str]:
        return self.known & set(ids)

    def note_foreign(self, ids: Sequence[str], *, now: datetime) -> None:
        self.known.update(ids)

    def forget_foreign(self, *, now: datetime) -> None:
        """Keep them, because a day is longer than these tests."""

    def note_account(self, username: str, *, has_our_predictions: bool, now: datetime) -> None:
        if self.account is None:
            self.account = (username, datetime.fromtimestamp(0, UTC))
        elif self.account[0] != username and has_our_predictions:
            self.account = (username, now)

    def account_since(self, username: str) -> datetime | None:
        return self.account[1] if self.account and self.account[0] == username else None

    def note_absent(self, job_id: str, revision: int, *, now: datetime) -> datetime:
        return self.first.setdefault((job_id, revision), now)


@dataclass
class Keys(ClaimRecords):
    """The idempotency keys, and the times of their clean-ups."""

    forgotten: list[datetime] = field(default_factory=list)
    is_away: bool = False
    old: int = 0

    def forget(self, *, now: datetime, limit: int = 1) -> int:
        if self.is_away:
            raise OSError("away")
        self.forgotten.append(now)
        left, self.old = self.old, max(0, self.old - limit)
        return left - self.old


@dataclass
class Callbacks(CallbackRecords):
    """The outbox: jobs whose callbacks are due, and the requested limits."""

    jobs: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def due(self, **asked: Any) -> list[str]:
        self.asked.append(asked)
        return self.jobs


@dataclass
class Bench:
    """A poller with ports that record their calls."""

    records: Overdue
    absences: Absences = field(default_factory=Absences)
    provider: Provider = field(default_factory=Provider)
    token_replaced_at: datetime | None = None
    submissions: Queue = field(default_factory=Queue)
    pace: Pace = field(default_factory=Pace)
    webhooks: Queue = field(default_factory=Queue)
    screen: Screen = field(default_factory=Screen)
    table: Table = field(default_factory=Table)
    keys: Keys = field(default_factory=Keys)
    callbacks: Callbacks = field(default_factory=Callbacks)
    callback_queue: Queue = field(default_factory=Queue)
    erasure: Erasure = field(default_factory=Erasure)

    @property
    def ports(self) -> Ports:
        return Ports(
            self.records,
            self.absences,
            self.provider,
            lambda: self.token_replaced_at,
            self.submissions,
            self.pace,
            self.webhooks,
            self.screen,
            self.table,
            self.keys,
            self.callbacks,
            self.callback_queue,
            self.erasure.ports,
        )

    def summary(self) -> tuple[str, str | None, int, int, int]:
        """Return status and error of the job, and how many submissions, results and cancels were sent."""
        ended = self.records.jobs[JOB_ID]
        code = ended.error.code if ended.error else None
        return str(ended.status), code, len(self.submissions.sent), len(self.webhooks.sent), len(self.provider.canceled)


def bench(*jobs: Job) -> Bench:
    return Bench(Overdue({job.id: job for job in jobs}))

"""A job, a model, and ports that record their calls, for rules that need no server."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from mediagen.access.callers import TokenUser
from mediagen.aws.errors import CONNECT_FAILED, AwsError
from mediagen.aws.queue import Queue as SqsQueue
from mediagen.errors.refusals import Refusal, Unavailable
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.ids import created_at, new_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.submit import Ports as SubmissionPorts
from mediagen.limits.budget import NO_LIMITS, Limits
from mediagen.models.catalogue import Model
from mediagen.records.deletions import Deleted, DeletionRecords
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Prediction, Replicate
from mediagen.replicate.create_outcomes import Accepted, Outcome
from unit.health import Health
from unit.pace import Pace
from unit.screen import Screen

NOW = datetime(2026, 11, 22, 17, 0, 0, 123_000, tzinfo=UTC)
JOB_ID = new_job_id(NOW, lambda _bits: 1)
USER_ID = "0198c0de-0000-4000-8000-000000000001"
REPLICATE_ID = "rrr4z55ocneqzikepnug6xezpe"
MODEL = Model("image", "flux-schnell", "black-forest-labs/flux-schnell", Decimal("0.003"), 5, ("prompt", "seed"))
WEBHOOK = f"https://api.example/webhook/replicate?jobId={JOB_ID}"


def job(status: Status = Status.SUBMITTING, **changes: Any) -> Job:
    """Make a job; from `processing` on it has a prediction."""
    made = Job(
        id=JOB_ID,
        user_id=USER_ID,
        media_type="image",
        model_id="flux-schnell",
        status=status,
        created_at=created_at(JOB_ID),
        updated_at=NOW,
        deadline_at=NOW + timedelta(minutes=30),
        estimated_seconds=5,
        estimated_cost=Decimal("0.003"),
        params={"prompt": "a lighthouse"},
        replicate_id=None if status in (Status.QUEUED, Status.SUBMITTING) else REPLICATE_ID,
        completed_at=NOW if status.is_final else None,
    )
    return replace(made, **changes)


def prediction(status: str = "succeeded", **changes: Any) -> Prediction:
    """Make a prediction as Replicate writes it."""
    made = {"id": REPLICATE_ID, "status": status, "output": None, "error": None, "webhook": WEBHOOK}
    return made | changes


@dataclass
class Records(DeletionRecords, JobRecords):
    """Jobs that keep the rules of the state machine, as the database's guards do."""

    jobs: dict[str, Job] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    is_away: bool = False
    claims: dict[tuple[str, str], tuple[Claim, str]] = field(default_factory=dict)
    deleted: dict[str, Deleted] = field(default_factory=dict)
    refusal: Refusal | None = None
    defaults: Limits = NO_LIMITS

    @classmethod
    def of(cls, *jobs: Job) -> "Records":
        return cls({job.id: job for job in jobs})

    def add(self, job: Job, *, check_at: datetime, claim: Claim | None = None, defaults: Limits = NO_LIMITS) -> bool:
        """Record a job, unless its claim belongs to another."""
        self._check()
        self.defaults = defaults
        if self.refusal:
            raise self.refusal
        assert check_at > job.created_at
        if claim and self.claims.setdefault((claim.user_id, claim.key), (claim, job.id))[1] != job.id:
            return False
        self.jobs[job.id] = job
        return True

    def find(self, job_id: str) -> Job | None:
        """Return a job that is not deleted."""
        return None if job_id in self.deleted else self.jobs.get(job_id)

    def find_any(self, job_id: str) -> Job | None:
        return self.jobs.get(job_id)

    def find_by_replicate_id(self, replicate_id: str) -> Job | None:
        return next((job for job in self.jobs.values() if job.replicate_id == replicate_id), None)

    def move(self, job_id: str, target: Status, change: Change, *, now: datetime) -> Job | None:
        """Move a job if the transition is allowed."""
        self._check()
        job = self.jobs.get(job_id)
        if job is None or job.status not in change.sources(target):
            return None
        self.changes.append(change)
        moved = replace(
            job,
            status=target,
            revision=job.revision + 1,
            updated_at=now,
            started_at=now if target is Status.PROCESSING else job.started_at,
            completed_at=now if target.is_final else None,
            replicate_id=change.replicate_id or job.replicate_id,
            cost=change.cost if change.cost is not None else job.cost,
            error=change.error,
            outputs=tuple(change.outputs),
            left_out=tuple(change.left_out),
        )
        self.jobs[job_id] = moved
        return moved

    def take_turn(self, change: Change, *, now: datetime) -> Job | None:
        queued = [job for job in self.jobs.values() if job.status is Status.QUEUED]
        oldest = min(queued, key=lambda job: job.created_at, default=None)
        return oldest and self.move(oldest.id, Status.SUBMITTING, change, now=now)

    def has_queued(self) -> bool:
        return self.count_queued() > 0

    def count_queued(self) -> int:
        return sum(job.status is Status.QUEUED for job in self.jobs.values())

    def mark(self, job_id: str, user_id: str, *, now: datetime, erase_at: datetime) -> Deleted | None:
        """Mark a user's terminal job as deleted."""
        self._check()
        job = self.jobs.get(job_id)
        if job is None or job.user_id != user_id or not job.status.is_final:
            return None
        if job_id not in self.deleted:
            self.jobs[job_id] = replace(job, revision=job.revision + 1)
            self.deleted[job_id] = Deleted(self.jobs[job_id], is_erased=False)
        return self.deleted[job_id]

    def note_progress(self, job_id: str, percent: int) -> Job | None:
        """Record a running job's progress."""
        if self.jobs[job_id].status is not Status.PROCESSING:
            return None
        self.jobs[job_id] = replace(self.jobs[job_id], logged_percent=percent)
        return self.jobs[job_id]

    def _check(self) -> None:
        if self.is_away:
            raise Unavailable("The database cannot be reached.", retry_after_seconds=5)


@dataclass
class Queue(SqsQueue):
    """Records the sent messages."""

    sent: list[tuple[Mapping[str, Any], int]] = field(default_factory=list)
    is_away: bool = False

    def send(self, message: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        if self.is_away:
            raise AwsError(CONNECT_FAILED, 0, "no route to the queue")
        self.sent.append((message, delay_seconds))

    def send_all(self, messages: Iterable[Mapping[str, Any]]) -> None:
        for message in messages:
            self.send(message)


@dataclass
class Provider(Replicate):
    """A Replicate with scripted answers."""

    outcome: Outcome = field(default_factory=lambda: Accepted(prediction("starting")))
    created: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, Prediction] = field(default_factory=dict)
    canceled: list[str] = field(default_factory=list)
    username: str = "vsl"

    def account(self) -> dict[str, Any] | None:
        return {"username": self.username}

    def create(self, version: str, params: Mapping[str, Any], *, webhook: str, deadline_seconds: int) -> Outcome:
        self.created.append(
            {"version": version, "params": params, "webhook": webhook, "deadline_seconds": deadline_seconds}
        )
        return self.outcome

    def get(self, prediction_id: str) -> Prediction | None:
        return self.known.get(prediction_id)

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        assert moment < NOW
        yield from self.known.values()

    def cancel(self, prediction_id: str) -> Prediction | None:
        self.canceled.append(prediction_id)
        return self.known.get(prediction_id)


def nobody(_user: TokenUser) -> None:
    """Do nothing, because these users have API keys."""


def submission_ports(
    records: Records | None = None,
    provider: Provider | None = None,
    queue: Queue | None = None,
    health: Health | None = None,
    pace: Pace | None = None,
) -> SubmissionPorts:
    """Connect the submission flow to ports that record their calls."""
    return SubmissionPorts(
        records=records or Records(),
        provider=provider or Provider(),
        submissions=queue or Queue(),
        screen=Screen(),
        health=health or Health(),
        pace=pace or Pace(),
        webhook_base="https://api.example",
    )

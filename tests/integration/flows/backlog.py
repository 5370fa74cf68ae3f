"""A backlog that drains: real PostgreSQL, Redis and simulator, with a simulated queue and clock."""

import heapq
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from integration.stores.jobs import add_user, job
from mediagen.aws.queue import Queue
from mediagen.cache.cache import Cache
from mediagen.cache.pace import Pace
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.lifecycle.projection import Projection
from mediagen.lifecycle.submit import Ports as SubmissionPorts
from mediagen.models.catalogue import Catalogue, Model
from mediagen.models.health import ModelHealth
from mediagen.records.absences import AbsenceRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Replicate
from replicate_simulator.rate_limit import RateLimit
from replicate_simulator.server import RunningSimulator
from submit_job.flow import Ports, submit_job

WORKERS = 5  # Terraform's concurrency of the submission workers
START = datetime(2026, 11, 22, 17, tzinfo=UTC)
MODEL = Model("image", "flux-schnell", "black-forest-labs/flux-schnell", Decimal("0.003"), 5, ("prompt", "seed"))
PER_MINUTE = 500
PARAMS, HOUR = {"prompt": "ein Boot"}, timedelta(hours=1)
SILENT = ({"fault": "aborted"}, {"fault": "takes", "seconds": 0}, {"fault": "webhook-missing"})


class OneModel(Catalogue):
    """A catalogue with one model."""

    def __init__(self) -> None:
        pass

    def find(self, _media_type: str, _model_id: str) -> Model:
        return MODEL


class Nobody(Projection):
    """A projection that is not written, because no test reads it."""

    def __init__(self) -> None:
        pass

    def expect_end(self, job_id: str) -> None:
        pass

    def show(self, job: Job) -> None:
        pass

    def ended(self, job: Job, *, now: datetime) -> None:
        pass


@dataclass
class Turns(Queue):
    """A queue like SQS: delays are whole seconds, at most 900."""

    clock: Callable[[], float]
    waiting: list[tuple[float, int, Mapping[str, Any]]] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        assert isinstance(delay_seconds, int) and 0 <= delay_seconds <= 900
        with self.lock:
            self.sent += 1
            heapq.heappush(self.waiting, (self.clock() + delay_seconds, self.sent, message))

    def due(self) -> list[Mapping[str, Any]]:
        """Remove and return the messages that are visible now."""
        found = []
        with self.lock:
            while self.waiting and self.waiting[0][0] <= self.clock():
                found.append(heapq.heappop(self.waiting)[2])
        return found


@dataclass
class Backlog:
    """Queued jobs and the workers that submit them; time passes second by second."""

    simulator: RunningSimulator
    sql: Any
    records: JobRecords
    ports: list[Ports] = field(default_factory=list)
    now: float = START.timestamp()
    turns: Turns = field(init=False)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.turns = Turns(lambda: self.now)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def limited_to(self, per_minute: int) -> RateLimit:
        """Limit the simulator's create calls, by this clock."""
        limit = self.simulator.simulator.rate_limit = RateLimit(per_minute, lambda: self.now)
        return limit

    def queue(self, user_id: str, jobs: int) -> None:
        """Record queued jobs of a user, and send their messages."""
        for number in range(jobs):
            at = self.moment + timedelta(milliseconds=number)
            made = job(user_id, at, status=Status.QUEUED, revision=0, params=PARAMS, deadline_at=at + 9 * HOUR)
            self.records.add(made, check_at=at + 9 * HOUR)
            self.ids.setdefault(user_id, []).append(made.id)
            self.turns.send({"jobId": made.id})

    def users(self, *jobs: int) -> list[str]:
        """Create one user for each number of queued jobs."""
        made = [add_user(self.sql) for _ in jobs]
        for user_id, number in zip(made, jobs, strict=True):
            self.queue(user_id, number)
        return made

    def pass_seconds(self, seconds: int = 1) -> int:
        """Advance the time while workers handle the visible messages; return the number of messages."""
        taken = 0
        for _ in range(seconds):
            self.now += 1
            due = self.turns.due()
            taken += len(due)
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(self._work, self.ports, [due[at::WORKERS] for at in range(WORKERS)]))
        return taken

    def _work(self, ports: Ports, messages: list[Mapping[str, Any]]) -> None:
        for message in messages:
            submit_job(dict(message), now=self.moment, ports=ports)

    def drained(self, most_seconds: int) -> int:
        """Advance the time until no job is queued; return the seconds."""
        for second in range(1, most_seconds + 1):
            self.pass_seconds()
            if not self.turns.waiting:
                return second
        raise AssertionError(f"{len(self.turns.waiting)} messages wait after {most_seconds} seconds")

    def sent(self) -> list[tuple[str, str, datetime]]:
        """List the submissions in their order: users, jobs, and times."""
        last = "SELECT job_id, max(id) AS place FROM job_events WHERE to_status = 'submitting' GROUP BY job_id"
        rows = self.sql.run(
            "SELECT jobs.user_id, jobs.id, event.at"
            f" FROM ({last}) AS last JOIN job_events AS event ON event.id = place JOIN jobs ON jobs.id = last.job_id"
            " ORDER BY place"
        )
        return [(str(user_id), str(job_id), at) for user_id, job_id, at in rows]

    def created(self) -> list[str]:
        """List the jobs of all predictions, oldest first."""
        return [str(one.job) for one in reversed(self.simulator.simulator.store.newest_first())]


@contextmanager
def backlog(
    database_url: str, redis: str, simulator: RunningSimulator, sql: Any, *, base_url: str | None = None
) -> Iterator[Backlog]:
    """Connect workers that share only the stores."""
    databases = [Database(lambda: database_url) for _ in range(WORKERS)]
    made = Backlog(simulator, sql, JobRecords(databases[0]))
    simulator.simulator.add_faults(*SILENT)
    for database in databases:
        submission = _submission(made, database, Cache(lambda: redis), base_url)
        made.ports.append(Ports(OneModel(), submission, AbsenceRecords(database).known_predictions))
    try:
        yield made
    finally:
        for database in databases:
            database.close()


def _submission(made: Backlog, database: Database, cache: Cache, base_url: str | None) -> SubmissionPorts:
    simulator = made.simulator
    return SubmissionPorts(
        records=JobRecords(database),
        provider=Replicate(base_url or f"{simulator.url}/v1", lambda: simulator.settings.api_token),
        submissions=made.turns,
        screen=Nobody(),
        health=ModelHealth(cache),
        pace=Pace(cache, PER_MINUTE),
        webhook_base="http://127.0.0.1:9",
    )

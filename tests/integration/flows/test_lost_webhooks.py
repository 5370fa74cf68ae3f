"""5,000 lost webhooks: every result is stored before Replicate deletes it. PostgreSQL is real, the clock is not."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from check_replicate_status.flow import check_replicate_status
from check_replicate_status.ports import Ports
from check_replicate_status.spacing import READS_PER_SECOND
from integration.flows.poller_ports import poller_ports
from integration.stores.jobs import add_user
from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.database import Database
from mediagen.replicate.client import Prediction
from mediagen.times import iso
from unit.samples import Provider, Queue

JOBS = 5_000
START = datetime(2026, 11, 22, 17, tzinfo=UTC)
ACCEPTED_EVERY = timedelta(minutes=1) / 500
HOUR = timedelta(hours=1)
POLLER_SECONDS = 240.0  # Terraform's setting
WORKERS, SECONDS_EACH = 20, 3.0  # Terraform's queue_concurrency.webhooks; an image with its derivatives
SENDING_SECONDS = 0.0015  # per message: 8 at once, 12 ms each

ADD_JOBS = """
INSERT INTO jobs (id, user_id, media_type, model_id, params, status, revision, replicate_id, estimated_seconds,
                  estimated_cost, created_at, started_at, updated_at, deadline_at, next_check_at)
SELECT gen_random_uuid(), :user_id, 'image', 'flux-schnell', '{}', 'processing', 2, 'prediction-' || number, 5, 0.003,
       moment, moment, moment, moment + interval '30 minutes', moment + interval '125 seconds'
FROM generate_series(0, CAST(:jobs AS integer) - 1) AS number,
     LATERAL (SELECT CAST(:start AS timestamptz) + number * CAST(:every AS interval) AS moment) AS at
"""


@dataclass
class Time:
    """A simulated clock that work advances."""

    now: datetime = START
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, seconds: float) -> None:
        with self.lock:
            self.now += timedelta(seconds=seconds)


@dataclass
class Replicate(Provider):
    """Predictions that succeed five seconds after their start; their data is removed one hour later."""

    time: Time = field(default_factory=Time)
    reads: Counter[str] = field(default_factory=Counter)

    def get(self, prediction_id: str) -> Prediction | None:
        self.time.spend(1 / READS_PER_SECOND)
        self.reads[prediction_id] += 1
        completed = START + int(prediction_id.partition("-")[2]) * ACCEPTED_EVERY + timedelta(seconds=5)
        if self.time.now < completed:
            return {"id": prediction_id, "status": "processing"}
        removed = self.time.now >= completed + HOUR
        output = None if removed else "https://replicate.delivery/out.webp"
        done = {"status": "succeeded", "output": output, "completed_at": iso(completed), "data_removed": removed}
        return {"id": prediction_id} | done


@dataclass
class Results(Queue):
    """The queue of results; sending takes simulated time."""

    time: Time = field(default_factory=Time)

    def send(self, message: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        self.time.spend(SENDING_SECONDS)
        super().send(message, delay_seconds=delay_seconds)


@dataclass
class Recovery:
    """The poller every five minutes, and the workers that store the results it finds."""

    ports: Ports
    time: Time
    results: Results
    seen: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    oldest: timedelta = timedelta(0)

    def run(self) -> None:
        """Run the poller once, then the workers until the next run."""
        began = self.time.now
        ends = began + timedelta(seconds=POLLER_SECONDS)

        def seconds_left() -> float:
            return (ends - self.time.now).total_seconds()

        check_replicate_status(clock=lambda: self.time.now, seconds_left=seconds_left, ports=self.ports)
        assert self.time.now < ends
        self.work(began)
        self.time.now = began + timedelta(minutes=5)

    def work(self, began: datetime) -> None:
        """Store as many results as the workers have time for; a job's second message takes no time."""
        moment = began
        while self.seen < len(self.results.sent) and moment < began + timedelta(minutes=5):
            message, _ = self.results.sent[self.seen]
            self.seen += 1
            if self.store(message, moment):
                moment += timedelta(seconds=SECONDS_EACH / WORKERS)

    def store(self, message: Mapping[str, Any], moment: datetime) -> bool:
        age = moment - datetime.fromisoformat(message["prediction"]["completed_at"])
        if age >= HOUR or message["prediction"]["data_removed"]:
            change, target = Change("media_expired", error=failure("media_expired")), Status.FAILED
        else:
            change, target = Change("succeeded"), Status.COMPLETED
        moved = self.ports.records.move(message["jobId"], target, change, now=moment)
        if moved:
            self.outcomes[str(moved.status)] += 1
            self.oldest = max(self.oldest, age)
        return moved is not None


@pytest.fixture
def recovery(database_url: str, sql: Any) -> Iterator[Recovery]:
    database, time = Database(lambda: database_url), Time()
    every = f"{ACCEPTED_EVERY.total_seconds()} seconds"
    sql.run(ADD_JOBS, user_id=add_user(sql), jobs=JOBS, start=START, every=every)
    sql.run("ANALYZE jobs")
    results = Results(time=time)
    yield Recovery(poller_ports(database, Replicate(time=time), results), time, results)
    database.close()


def test_of_5000_lost_webhooks_no_result_expires(recovery: Recovery) -> None:
    while recovery.outcomes.total() < JOBS and recovery.time.now < START + 2 * HOUR:
        recovery.run()
    minutes = (recovery.time.now - START) // timedelta(minutes=1)
    provider = recovery.ports.provider
    assert isinstance(provider, Replicate)
    print(f"{JOBS} results stored within {minutes} minutes, the oldest {recovery.oldest} after it was ready;")
    print(f"{provider.reads.total()} reads, {len(recovery.results.sent)} messages")
    assert recovery.outcomes == {"completed": JOBS}
    assert provider.reads.total() <= 2 * JOBS

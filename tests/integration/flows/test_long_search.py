"""A search among 3,500 predictions without webhooks in their list completes, although one run reads only some."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from check_replicate_status.flow import check_replicate_status
from integration.flows.poller_ports import poller_ports
from integration.stores.jobs import NOW, add_user, job
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Prediction, ReplicateUnavailable
from unit.samples import Provider, Queue

LISTED, OURS = 3_500, 100
READS_OF_A_RUN = 1_000
FOREIGN_URL = "https://app.example/hook"


@dataclass
class Shared(Provider):
    """An account that another application shares; only single predictions show their webhook."""

    reads: Counter[str] = field(default_factory=Counter)
    left: int = READS_OF_A_RUN

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        yield from ({"id": f"prediction-{number}", "status": "succeeded"} for number in range(LISTED))

    def get(self, prediction_id: str) -> Prediction | None:
        self.left -= 1
        if self.left < 0:
            raise ReplicateUnavailable("the run is over")
        self.reads[prediction_id] += 1
        return {"id": prediction_id, "status": "succeeded", "webhook": FOREIGN_URL}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(lambda: database_url)
    yield made
    made.close()


def sent(records: JobRecords, user_id: str) -> Job:
    """Record a job whose create call has no known outcome."""
    made = job(user_id, deadline_at=NOW + timedelta(hours=9))
    records.add(made, check_at=NOW)
    return made


def test_a_search_resumes_where_the_last_run_stopped_and_reads_each_prediction_once(
    database: Database, sql: Any
) -> None:
    records, provider, user_id = JobRecords(database), Shared(), add_user(sql)
    in_doubt = sent(records, user_id)
    for number in range(OURS):
        change = Change("accepted_by_replicate", timedelta(days=1), replicate_id=f"prediction-{number}")
        records.move(sent(records, user_id).id, Status.PROCESSING, change, now=NOW)
    statuses = []
    for run in range(7):
        provider.left = READS_OF_A_RUN
        at = NOW + (run + 1) * timedelta(minutes=6)
        check_replicate_status(
            clock=lambda at=at: at,  # type: ignore[misc]
            seconds_left=lambda: 240.0,
            ports=poller_ports(database, provider, Queue()),
        )
        found = records.find(in_doubt.id)
        statuses.append(str(found and found.status))
    assert set(provider.reads.values()) == {1}
    assert provider.reads.total() == LISTED - OURS
    assert statuses == ["submitting"] * 4 + ["queued"] * 3

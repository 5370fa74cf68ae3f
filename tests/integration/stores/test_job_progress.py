"""A job's start time and progress."""

from datetime import timedelta
from typing import Any

import pg8000
import pytest

from integration.stores.jobs import NOW, added, history, in_status
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.jobs import JobRecords

SECOND = timedelta(seconds=1)


def test_a_job_starts_when_replicate_has_it_and_not_before(records: JobRecords, user_id: str) -> None:
    new = added(records, user_id)
    queued = records.move(new.id, Status.QUEUED, Change("throttled"), now=NOW + SECOND)
    records.move(new.id, Status.SUBMITTING, Change("again"), now=NOW + 2 * SECOND)
    running = records.move(new.id, Status.PROCESSING, Change("accepted"), now=NOW + 3 * SECOND)
    ended = records.move(new.id, Status.CANCELED, Change("enough"), now=NOW + 4 * SECOND)
    assert queued and running and ended
    assert (new.started_at, queued.started_at, running.started_at) == (None, None, NOW + 3 * SECOND)
    assert records.find(new.id) == ended
    assert ended.started_at == NOW + 3 * SECOND


def test_a_job_that_replicate_never_had_never_started(records: JobRecords, user_id: str) -> None:
    assert in_status(records, user_id, Status.FAILED).started_at is None


def test_progress_is_no_transition(records: JobRecords, user_id: str, sql: Any) -> None:
    running = in_status(records, user_id, Status.PROCESSING)
    before = history(sql, running.id)
    noted = records.note_progress(running.id, 45)
    assert noted is not None
    assert (noted.logged_percent, noted.revision, noted.updated_at) == (45, running.revision, running.updated_at)
    assert records.find(running.id) == noted
    assert history(sql, running.id) == before


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PROCESSING])
def test_a_job_that_does_not_run_has_no_progress(records: JobRecords, user_id: str, status: Status) -> None:
    still = in_status(records, user_id, status)
    assert records.note_progress(still.id, 45) is None
    assert records.find(still.id) == still


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percentage_is_one(records: JobRecords, user_id: str, sql: Any, percent: int) -> None:
    running = in_status(records, user_id, Status.PROCESSING)
    with pytest.raises(pg8000.DatabaseError, match="logged_percent"):
        sql.run("UPDATE jobs SET logged_percent = :percent WHERE id = :id", percent=percent, id=running.id)

"""The tables' own constraints, for any writer."""

from typing import Any

import pytest
from pg8000.exceptions import DatabaseError

from integration.stores.jobs import NOW, in_status, output
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.database import StatementFailed
from mediagen.records.jobs import JobRecords

CHECK, UNIQUE, FOREIGN_KEY = "23514", "23505", "23503"
IMPOSSIBLE_JOBS = {
    "failed without a code": "status = 'failed', completed_at = now(), next_check_at = NULL",
    "completed at no time": "status = 'completed', next_check_at = NULL",
    "running and yet completed": "completed_at = now()",
    "final and yet to be checked": "status = 'canceled', completed_at = now()",
    "running and never checked": "next_check_at = NULL",
    "a state that is none": "status = 'done'",
    "a media type that is none": "media_type = 'text'",
}
IMPOSSIBLE_OUTPUTS = {
    "a kind that is none": ({"kind": "poster"}, CHECK),
    "a digest that is none": ({"sha256": "ABC"}, CHECK),
}


def refused(act: Any) -> str:
    with pytest.raises((DatabaseError, StatementFailed)) as caught:
        act()
    return caught.value.state if isinstance(caught.value, StatementFailed) else str(caught.value.args[0]["C"])


@pytest.mark.parametrize("values", IMPOSSIBLE_JOBS.values(), ids=list(IMPOSSIBLE_JOBS))
def test_an_impossible_job_is_refused(records: JobRecords, user_id: str, sql: Any, values: str) -> None:
    job = in_status(records, user_id, Status.PROCESSING)
    assert refused(lambda: sql.run(f"UPDATE jobs SET {values} WHERE id = :id", id=job.id)) == CHECK


@pytest.mark.parametrize(("values", "state"), IMPOSSIBLE_OUTPUTS.values(), ids=list(IMPOSSIBLE_OUTPUTS))
def test_an_impossible_output_is_refused(records: JobRecords, user_id: str, values: dict[str, Any], state: str) -> None:
    job = in_status(records, user_id, Status.PROCESSING)
    change = Change("done", outputs=[output(job.id, 1, **values)])
    assert refused(lambda: records.move(job.id, Status.COMPLETED, change, now=NOW)) == state


def test_two_jobs_cannot_have_one_prediction(records: JobRecords, user_id: str) -> None:
    first, second = (in_status(records, user_id, Status.SUBMITTING) for _ in range(2))
    change = Change("accepted", replicate_id="prediction-1")
    records.move(first.id, Status.PROCESSING, change, now=NOW)
    assert refused(lambda: records.move(second.id, Status.PROCESSING, change, now=NOW)) == UNIQUE


def test_a_revision_has_one_row_of_history(records: JobRecords, user_id: str, sql: Any) -> None:
    job = in_status(records, user_id, Status.PROCESSING)
    repeat = "INSERT INTO job_events (job_id, revision, to_status, reason, at) VALUES (:id, 2, 'failed', 'x', now())"
    assert refused(lambda: sql.run(repeat, id=job.id)) == UNIQUE


def test_a_job_belongs_to_a_user_there_is(records: JobRecords) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert refused(lambda: in_status(records, nobody, Status.SUBMITTING)) == FOREIGN_KEY

"""The state of a batch: counts that add up, for its owner only."""

from collections.abc import Sequence
from typing import Any

import pytest

from get_batch.flow import LOOK_AGAIN_SECONDS, get_batch
from mediagen.errors.refusals import BatchNotFound, Refusal, Unauthorized
from mediagen.http.edge import Request, Response
from mediagen.jobs.batches import Batch
from mediagen.jobs.failures import failure
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.state import Status
from mediagen.records.batches import BatchRecords
from unit.samples import NOW, USER_ID, job

BATCH_ID = new_job_id(NOW, lambda _bits: 2)
REFUSED = {"code": "unknown_model"}
FINAL = [status for status in Status if status.is_final]


class Batches(BatchRecords):
    """One batch."""

    def __init__(self, statuses: Sequence[Status | None]) -> None:
        failed = failure("generation_failed")
        results = [
            job(status, error=failed if status is Status.FAILED else None) if status else REFUSED for status in statuses
        ]
        self.batch = Batch(BATCH_ID, USER_ID, NOW, tuple(results))

    def find(self, batch_id: str) -> Batch | None:
        return self.batch if batch_id == BATCH_ID else None


def ask(*statuses: Status | None, batch_id: str = BATCH_ID, user_id: str = USER_ID) -> Response:
    """Request a batch with jobs in these states; None means a refused request."""
    request = Request({}, {"batchId": batch_id}, {}, b"", user_id, "r")
    return get_batch(request, batches=Batches(statuses))


@pytest.mark.parametrize("running", [status for status in Status if not status.is_final])
def test_it_runs_as_long_as_one_of_its_jobs_does(running: Status) -> None:
    answer = ask(*FINAL, running)
    assert (answer.body["status"], answer.headers) == ("running", {"Retry-After": str(LOOK_AGAIN_SECONDS)})
    ended = ask(*FINAL, None)
    assert (ended.body["status"], ended.headers) == ("finished", {})


def test_each_request_is_counted_once() -> None:
    counts: Any = ask(Status.QUEUED, Status.COMPLETED, Status.COMPLETED, None).body["counts"]
    assert counts == {
        "queued": 1,
        "submitting": 0,
        "processing": 0,
        "completed": 2,
        "failed": 0,
        "canceled": 0,
        "refused": 1,
    }


def test_an_error_is_that_of_a_refused_request_only() -> None:
    results: Any = ask(Status.FAILED, None).body["results"]
    assert (results[0]["index"], results[0]["status"], "error" in results[0]) == (0, "failed", False)
    assert results[0]["statusUrl"] == f"/status/{results[0]['jobId']}"
    assert results[1] == {"index": 1, "error": REFUSED}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"user_id": "somebody else"}, BatchNotFound),
        ({"batch_id": new_job_id(NOW)}, BatchNotFound),
        ({"batch_id": "no-id"}, BatchNotFound),
        ({"batch_id": ""}, BatchNotFound),
        ({"user_id": ""}, Unauthorized),
    ],
)
def test_another_users_batch_is_not_shown(change: dict[str, str], kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        ask(Status.COMPLETED, **change)

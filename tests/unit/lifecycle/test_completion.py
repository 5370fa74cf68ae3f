"""Completing a job."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import end, fail
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, Records, job
from unit.screen import Screen

LATER = NOW + timedelta(seconds=90)


def test_the_winner_of_a_race_counts_and_projects_the_completion(logged: Logged) -> None:
    records, screen = Records.of(job(Status.PROCESSING)), Screen()
    change = Change("succeeded", cost=Decimal("0.003"))
    ended = end(JOB_ID, Status.COMPLETED, change, now=LATER, records=records, screen=screen)
    assert ended is not None
    assert (ended.status, ended.cost, ended.completed_at) == ("completed", Decimal("0.003"), LATER)
    assert screen.shown == screen.heard == [ended]
    [line] = logged()
    assert (line["action"], line["level"], line["duration"]) == ("job.completed", "INFO", 90_000)
    assert (line["JobsCompleted"], line["ProcessingTime"], line["mediaType"]) == (1, 90, "image")
    assert (line["jobId"], line["userId"], line["error"]) == (JOB_ID, ended.user_id, None)
    assert line["metadata"] == {"reason": "succeeded", "replicateId": ended.replicate_id}


def test_a_completion_is_announced_before_its_commit() -> None:
    screen = Screen()

    class KilledAtTheCommit(Records):
        def move(self, *_: object, **__: object) -> None:
            assert screen.expected == [JOB_ID]
            raise SystemError("the container is gone")

    with pytest.raises(SystemError):
        fail(JOB_ID, "no_output", now=LATER, records=KilledAtTheCommit(), screen=screen)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELED])
def test_the_loser_does_nothing(status: Status, logged: Logged) -> None:
    records, screen = Records.of(job(status)), Screen()
    assert fail(JOB_ID, "no_output", now=LATER, records=records, screen=screen) is None
    assert screen.shown == screen.heard == []
    [line] = logged()
    assert (line["action"], line["jobId"], line["metadata"]) == ("job.already_final", JOB_ID, {"target": "failed"})
    assert "_aws" not in line


@pytest.mark.parametrize("code", ["deadline_exceeded", "media_expired", "outcome_unknown", "model_unavailable"])
def test_a_failure_is_counted_by_its_code(code: str, logged: Logged) -> None:
    ended = fail(JOB_ID, code, now=LATER, records=Records.of(job()), screen=Screen())
    assert ended is not None
    assert (ended.error, ended.cost) == (failure(code), Decimal(0))
    [line] = logged()
    assert (line["action"], line["JobsFailed"], line["errorType"], line["error"]) == ("job.failed", 1, code, code)
    assert (line["level"], line["metadata"]["reason"]) == ("WARNING", code)
    assert line.get("MediaExpired") == (1 if code == "media_expired" else None)
    assert line.get("OutcomeUnknown") == (1 if code == "outcome_unknown" else None)


def test_an_end_without_an_error_is_counted_by_its_status(logged: Logged) -> None:
    end(JOB_ID, Status.CANCELED, Change("canceled"), now=LATER, records=Records.of(job()), screen=Screen())
    assert [line["errorType"] for line in logged()] == ["canceled"]


def test_a_canceled_job_counts_as_failed_of_that_type(logged: Logged) -> None:
    change = Change("canceled_at_replicate", error=failure("canceled"))
    end(JOB_ID, Status.CANCELED, change, now=LATER, records=Records.of(job()), screen=Screen())
    [line] = logged()
    assert (line["action"], line["errorType"]) == ("job.canceled", "canceled")

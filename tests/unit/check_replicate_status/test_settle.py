"""The poller's decision for an overdue job, by its state and Replicate's answer."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from check_replicate_status.asking import Answers
from check_replicate_status.flow import check_replicate_status
from check_replicate_status.overdue_job import FORGOTTEN, STORING, is_in_danger, is_lost, settle
from mediagen.jobs.state import Status
from mediagen.replicate.client import Prediction
from mediagen.times import iso
from unit.check_replicate_status.bench import bench
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, Provider, job, prediction

Q, S, P = Status.QUEUED, Status.SUBMITTING, Status.PROCESSING
LATE = NOW + timedelta(minutes=31)
IN_TIME, LONG_AFTER = NOW + timedelta(minutes=5), LATE + FORGOTTEN
GIVEN_UP = NOW - FORGOTTEN - STORING
FULL, CUT = Answers(absent={JOB_ID}), Answers()


def knowing(told: Prediction) -> Answers:
    """Make an answer that has the job's prediction."""
    return Answers(predictions={JOB_ID: told})


def ended_at(moment: Any) -> Prediction:
    """Make a result by the time at which Replicate completed it."""
    return prediction("succeeded", completed_at=iso(moment))


@pytest.mark.parametrize(
    ("status", "answers", "now", "expected"),
    [
        # it is queued
        (Q, CUT, IN_TIME, ("queued", None, 0, 0, 0)),
        (Q, CUT, LATE, ("failed", "deadline_exceeded", 0, 0, 0)),
        # the answer to its create call was lost
        (S, CUT, IN_TIME, ("submitting", None, 0, 0, 0)),
        (S, FULL, IN_TIME, ("queued", None, 1, 0, 0)),
        (S, knowing(prediction("processing")), IN_TIME, ("processing", None, 0, 0, 0)),
        (S, knowing(prediction("succeeded")), IN_TIME, ("submitting", None, 0, 1, 0)),
        (S, knowing(prediction("succeeded")), LATE, ("submitting", None, 0, 1, 0)),
        (S, CUT, LATE, ("submitting", None, 0, 0, 0)),
        (S, FULL, LATE, ("failed", "deadline_exceeded", 0, 0, 0)),
        (S, CUT, LONG_AFTER, ("failed", "outcome_unknown", 0, 0, 0)),
        # its webhook was lost, or is not due
        (P, CUT, IN_TIME, ("processing", None, 0, 0, 0)),
        (P, knowing(prediction("starting")), IN_TIME, ("processing", None, 0, 0, 0)),
        *((P, knowing(prediction(end)), IN_TIME, ("processing", None, 0, 1, 0)) for end in ("failed", "aborted")),
        (P, knowing(prediction("succeeded")), LATE, ("processing", None, 0, 1, 0)),
        (P, knowing(prediction("processing")), LATE, ("failed", "deadline_exceeded", 0, 0, 1)),
        # silence proves nothing, until Replicate has certainly deleted everything
        (P, CUT, LATE, ("processing", None, 0, 0, 0)),
        (P, CUT, LONG_AFTER, ("failed", "outcome_unknown", 0, 0, 0)),
        # the last resort: whatever fails before, no job stays unfinished for longer
        (S, knowing(prediction("succeeded")), LONG_AFTER, ("failed", "media_expired", 0, 0, 0)),
        (P, knowing(prediction("succeeded")), LONG_AFTER, ("failed", "media_expired", 0, 0, 0)),
        (P, knowing(prediction("failed")), LONG_AFTER, ("failed", "generation_failed", 0, 0, 0)),
        (P, knowing(prediction("canceled")), LONG_AFTER, ("failed", "deadline_exceeded", 0, 0, 0)),
        (P, knowing(prediction("processing")), LONG_AFTER, ("failed", "deadline_exceeded", 0, 0, 1)),
        (P, knowing(prediction("odd")), LONG_AFTER, ("failed", "deadline_exceeded", 0, 0, 1)),
        (P, knowing(ended_at(GIVEN_UP)), NOW, ("failed", "media_expired", 0, 0, 0)),
        (P, knowing(ended_at(GIVEN_UP + timedelta(seconds=1))), NOW, ("processing", None, 0, 1, 0)),
    ],
)
def test_each_overdue_job_gets_what_is_due(
    status: Status, answers: Answers, now: Any, expected: tuple[str, str | None, int, int, int]
) -> None:
    made = bench(job(status))
    settle(job(status), answers, now=now, ports=made.ports)
    assert made.summary() == expected


def test_a_result_goes_into_the_queue_under_the_jobs_id_even_without_our_url() -> None:
    made = bench(job(P))
    settle(job(P), knowing(prediction("succeeded", webhook=None)), now=IN_TIME, ports=made.ports)
    [(message, _)] = made.webhooks.sent
    assert (message["jobId"], message["prediction"]["id"]) == (JOB_ID, REPLICATE_ID)


def test_a_job_found_at_replicate_gets_its_prediction_and_is_shown() -> None:
    made = bench(job(S))
    settle(job(S), knowing(prediction("processing")), now=IN_TIME, ports=made.ports)
    assert made.records.jobs[JOB_ID].replicate_id == REPLICATE_ID
    assert [shown.status for shown in made.screen.shown] == ["processing"]


@pytest.mark.parametrize("status", [status for status in Status if status is not S])
def test_a_job_that_moved_meanwhile_is_not_sent_again(status: Status) -> None:
    made = bench(job(status))
    settle(job(S), FULL, now=IN_TIME, ports=made.ports)
    assert made.submissions.sent == []
    assert made.records.jobs[JOB_ID] == job(status)


def test_a_running_jobs_progress_in_the_logs_is_recorded_and_projected() -> None:
    made = bench(job(P))
    told = prediction("processing", logs=" 45%|####5     | 9/20 [00:01<00:01]")
    settle(job(P), knowing(told), now=IN_TIME, ports=made.ports)
    assert [shown.logged_percent for shown in made.screen.shown] == [45]
    assert made.summary() == ("processing", None, 0, 0, 0)


@pytest.mark.parametrize("logs", ["loading", None])
def test_logs_without_a_progress_bar_change_nothing(logs: str | None) -> None:
    made = bench(job(P))
    settle(job(P), knowing(prediction("processing", logs=logs)), now=IN_TIME, ports=made.ports)
    assert (made.records.jobs[JOB_ID], made.screen.shown) == (job(P), [])


def test_progress_of_a_job_that_ended_meanwhile_is_not_shown() -> None:
    made = bench(job(Status.COMPLETED))
    settle(job(P), knowing(prediction("processing", logs="45%|#| 9/20")), now=IN_TIME, ports=made.ports)
    assert made.screen.shown == []


@pytest.mark.parametrize("now", [LATE, LONG_AFTER])
def test_a_deadline_is_enforced_even_when_replicate_does_not_take_the_cancel(now: datetime, logged: Logged) -> None:
    class Deaf(Provider):
        def cancel(self, prediction_id: str) -> None:
            raise OSError("deaf")

    made = bench(job(P))
    made.provider = Deaf()
    settle(job(P), knowing(prediction("processing")), now=now, ports=made.ports)
    assert made.summary()[:2] == ("failed", "deadline_exceeded")
    assert [(line.get("part"), line["jobId"]) for line in logged()] == [("upstream_cancel", JOB_ID), (None, JOB_ID)]


@pytest.mark.parametrize(
    ("status", "is_restored", "expected"),
    [
        ("succeeded", False, True),
        ("failed", False, True),
        ("processing", False, False),
        ("succeeded", True, True),
        ("failed", True, False),  # nothing of it is deleted that is still needed
        ("canceled", True, False),
    ],
)
def test_a_result_is_lost_once_replicate_has_deleted_what_is_needed(
    status: str, is_restored: bool, expected: bool
) -> None:
    made = job(P, epoch=NOW + timedelta(minutes=1)) if is_restored else job(P)
    assert is_lost(made, prediction(status, completed_at=iso(GIVEN_UP)), NOW) is expected


def test_a_restored_job_has_an_hour_from_the_epoch_on() -> None:
    restored = job(P, epoch=LATE)
    assert not is_lost(restored, None, LATE + FORGOTTEN - timedelta(seconds=1))
    assert is_lost(restored, None, LATE + FORGOTTEN)


@pytest.mark.parametrize(
    ("completed_at", "expected"),
    [
        ("2026-11-22T16:29:00Z", True),
        ("2026-11-22T16:31:00Z", False),
        (None, False),
        ("", False),
        ("soon", False),
        (17, False),
    ],
)
def test_a_result_that_waits_for_half_of_replicates_hour_is_in_danger(completed_at: object, expected: bool) -> None:
    assert is_in_danger(prediction(completed_at=completed_at), NOW) is expected
    assert not is_in_danger(None, NOW)


def test_one_job_that_cannot_be_settled_does_not_stop_the_others(logged: Logged) -> None:
    queued = job(Q, id="019ab2c3-d4e5-7abc-8def-0123456789ab")
    made = bench(job(P), queued)
    made.provider.known = {REPLICATE_ID: prediction("succeeded")}
    made.webhooks.is_away = True
    counts = check_replicate_status(clock=lambda: IN_TIME, seconds_left=lambda: 30.0, ports=made.ports)
    assert counts == {"overdue": 2, "inDanger": 0, "queued": 1, "repaired": 2}
    assert made.submissions.sent == [({"jobId": queued.id}, 0)]
    lines = logged()
    assert [line["part"] for line in lines if "part" in line] == ["overdue_job"]
    assert (lines[-1]["JobsOverdue"], lines[-1]["JobsInDanger"], lines[-1]["JobsQueued"]) == (2, 0, 1)


@pytest.mark.parametrize("is_away", [False, True])
def test_old_keys_are_forgotten_deletions_finished_and_failing_harms_nothing(is_away: bool, logged: Logged) -> None:
    made = bench(job(S))
    made.keys.is_away = is_away
    check_replicate_status(clock=lambda: IN_TIME, seconds_left=lambda: 30.0, ports=made.ports)
    assert made.keys.forgotten == ([] if is_away else [IN_TIME])
    assert [line["part"] for line in logged() if "part" in line] == (["idempotency_keys"] if is_away else [])
    assert [moment for moment, _, _ in made.erasure.claimed] == [IN_TIME]

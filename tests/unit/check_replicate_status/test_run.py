"""One run of the poller: its requests, the times at which its rules change, and its log lines."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from check_replicate_status.asking import Answers
from check_replicate_status.flow import check_replicate_status
from check_replicate_status.overdue_job import is_in_danger, settle
from mediagen.jobs.state import Status
from mediagen.lifecycle.submit import LOST_MESSAGE_CHECK, WEBHOOK_GRACE
from unit.check_replicate_status.bench import Keys, bench
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, Provider, job, prediction

Q, S, P = Status.QUEUED, Status.SUBMITTING, Status.PROCESSING
SECOND = timedelta(seconds=1)
DEADLINE = job().deadline_at


def knowing(**told: Any) -> Answers:
    return Answers(predictions={JOB_ID: prediction(**told)})


def test_a_run_reports_job_counts_and_sent_messages(logged: Logged) -> None:
    made = bench(job(P), job(Q, id="019ab2c3-d4e5-7abc-8def-0123456789ab"))
    made.callbacks.jobs = ["job-1"]
    made.provider = Provider(known={REPLICATE_ID: prediction("succeeded", completed_at="2026-11-22T16:00:00Z")})
    counts = check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=made.ports)
    assert (counts["overdue"], counts["inDanger"], counts["queued"]) == (2, 1, 1)
    lines = {line["action"]: line for line in logged()}
    assert lines["check.done"]["metadata"] == counts
    assert [lines["check.done"][name] for name in ("JobsOverdue", "JobsInDanger", "JobsQueued")] == [2, 1, 1]
    assert lines["turns.sent"]["metadata"] == lines["callbacks.sent"]["metadata"] == {"due": 1}


def test_a_run_without_due_work_does_not_report_it(logged: Logged) -> None:
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=bench().ports)
    assert [line["action"] for line in logged()] == ["check.done"]


def test_a_run_forgets_keys_until_none_is_old() -> None:
    made = bench()
    made.keys.old = 3
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=made.ports)
    assert made.keys.old == 0


def test_no_step_takes_more_than_half_of_the_time_that_is_left_for_it() -> None:
    left, made = 60.0, bench()

    class Slow(Keys):
        def forget(self, *, now: datetime, limit: int = 1) -> int:
            nonlocal left
            left -= 1
            return super().forget(now=now, limit=limit)

    made.keys = Slow(old=1000)
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: left, ports=made.ports)
    assert 30 <= left <= 35


def test_a_run_whose_time_is_over_asks_and_sends_nothing_more() -> None:
    made = bench(job(Q))
    made.callbacks.jobs = ["job-1"]
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 0.0, ports=made.ports)
    assert (made.submissions.sent, made.callback_queue.sent) == ([], [])


def test_trouble_with_a_job_is_logged_under_its_id(logged: Logged) -> None:
    made = bench(job(P))
    made.provider.known = {REPLICATE_ID: prediction("succeeded")}
    made.webhooks.is_away = True
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=made.ports)
    [line] = [line for line in logged() if line.get("part") == "overdue_job"]
    assert (line["jobId"], line["userId"]) == (JOB_ID, job().user_id)


def test_failures_of_dispatch_callbacks_and_deletions_stop_no_run(logged: Logged) -> None:
    made = bench(job(Q))
    made.submissions.is_away = made.callback_queue.is_away = True
    made.callbacks.jobs = ["job-1"]
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=made.ports)
    assert [line["part"] for line in logged() if "part" in line] == ["waiting_jobs", "callbacks"]


@pytest.mark.parametrize(("ago", "expected"), [(30 * 60, False), (30 * 60 + 1, True)])
def test_a_result_is_in_danger_after_half_an_hour_and_not_before(ago: int, expected: bool) -> None:
    completed = (NOW - timedelta(seconds=ago)).isoformat()
    assert is_in_danger(prediction("succeeded", completed_at=completed), NOW) is expected


@pytest.mark.parametrize(
    ("status", "answers", "late", "ended"),
    [
        (Q, Answers(), -SECOND, False),
        (Q, Answers(), timedelta(), True),
        (P, knowing(status="processing"), -SECOND, False),
        (P, knowing(status="processing"), timedelta(), True),
        (S, Answers(), timedelta(hours=1) - SECOND, False),
        (S, Answers(), timedelta(hours=1), True),
    ],
)
def test_a_deadline_and_the_hour_after_it_are_kept_to_the_second(
    status: Status, answers: Answers, late: timedelta, ended: bool
) -> None:
    made = bench(job(status))
    settle(job(status), answers, now=DEADLINE + late, ports=made.ports)
    assert made.records.jobs[JOB_ID].status.is_final is ended
    assert [shown.status for shown in made.screen.heard] == ["failed"] * ended


@pytest.mark.parametrize(
    ("status", "answers", "cost"),
    [(P, knowing(status="processing"), job().estimated_cost), (S, Answers(absent={JOB_ID}), 0)],
)
def test_a_job_stopped_at_its_deadline_costs_its_estimate_only_if_it_runs(
    status: Status, answers: Answers, cost: object
) -> None:
    made = bench(job(status))
    settle(job(status), answers, now=DEADLINE, ports=made.ports)
    ended = made.records.jobs[JOB_ID]
    assert ended.error is not None
    assert (ended.error.code, ended.cost) == ("deadline_exceeded", cost)


@pytest.mark.parametrize(("answered", "kept"), [("succeeded", True), ("failed", True), ("canceled", False)])
def test_a_run_that_had_ended_before_it_was_canceled_at_the_deadline_keeps_its_result(
    answered: str, kept: bool
) -> None:
    made = bench(job(P))
    made.provider = Provider(known={REPLICATE_ID: prediction(answered, webhook=None)})
    settle(job(P), knowing(status="processing"), now=DEADLINE, ports=made.ports)
    sent = [(message["jobId"], message["prediction"]["status"]) for message, _ in made.webhooks.sent]
    assert sent == [(JOB_ID, answered)] * kept
    assert made.records.jobs[JOB_ID].status.is_final is not kept


def test_a_job_found_running_is_looked_at_again_when_its_webhook_is_due() -> None:
    made = bench(job(S))
    settle(job(S), knowing(status="processing"), now=NOW + SECOND, ports=made.ports)
    [change] = made.records.changes
    assert made.records.jobs[JOB_ID].updated_at == NOW + SECOND
    assert (change.reason, change.replicate_id) == ("found_at_replicate", REPLICATE_ID)
    assert change.next_check_in == timedelta(seconds=job().estimated_seconds) + WEBHOOK_GRACE


def test_a_job_absent_at_replicate_is_queued_again_and_projected() -> None:
    made = bench(job(S))
    settle(job(S), Answers(absent={JOB_ID}), now=NOW + SECOND, ports=made.ports)
    [change] = made.records.changes
    assert made.records.jobs[JOB_ID].updated_at == NOW + SECOND
    assert (change.reason, change.next_check_in) == ("absence_proven", LOST_MESSAGE_CHECK)
    assert [shown.status for shown in made.screen.shown] == ["queued"]
    assert made.submissions.sent == [({"jobId": JOB_ID}, 0)]


def test_a_job_that_moved_before_its_prediction_was_found_is_not_shown() -> None:
    made = bench(job(Status.CANCELED))
    settle(job(S), knowing(status="processing"), now=NOW, ports=made.ports)
    assert made.screen.shown == []


def test_a_running_prediction_is_canceled_by_its_id_when_the_deadline_is_over(logged: Logged) -> None:
    asked: list[str] = []

    class Deaf(Provider):
        def cancel(self, prediction_id: str) -> None:
            asked.append(prediction_id)
            raise OSError("deaf")

    made = bench(job(P))
    made.provider = Deaf()
    settle(job(P), knowing(status="processing"), now=DEADLINE, ports=made.ports)
    line = logged()[0]
    assert (line["part"], line["jobId"]) == ("upstream_cancel", JOB_ID)
    assert asked == [REPLICATE_ID]


def test_a_result_is_queued_with_the_time_at_which_it_was_found() -> None:
    for now in (NOW, datetime(2026, 11, 22, 17, 5, tzinfo=NOW.tzinfo)):
        made = bench(job(P))
        settle(job(P), knowing(status="succeeded"), now=now, ports=made.ports)
        [(message, _)] = made.webhooks.sent
        assert now.isoformat()[:19] in str(message)

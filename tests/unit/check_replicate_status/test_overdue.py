"""The loop over overdue jobs: all of them while time is left, stopped while Replicate does not answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from check_replicate_status.asking import Answers
from check_replicate_status.flow import check_replicate_status
from check_replicate_status.overdue import BATCH, settle_all
from check_replicate_status.overdue_job import has_result
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.replicate.client import Prediction, ReplicateUnavailable
from mediagen.times import iso
from unit.check_replicate_status.bench import Bench, Overdue, bench
from unit.conftest import Logged
from unit.samples import NOW, Provider, job, prediction

MINUTE = timedelta(minutes=1)


@dataclass
class Due(Overdue):
    """Jobs that are claimed in batches, as from PostgreSQL."""

    due: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    asked_unsent: list[dict[str, Any]] = field(default_factory=list)

    def claim_past_deadline(self, *, now: datetime, **asked: Any) -> list[Job]:
        self.asked_unsent.append(asked | {"now": now})
        return []

    def claim_overdue(self, **asked: Any) -> list[Job]:
        self.asked.append(asked)
        taken, self.due = self.due[: asked["limit"]], self.due[asked["limit"] :]
        return [self.jobs[job_id] for job_id in taken]


class Succeeded(Provider):
    """A Replicate whose predictions have all succeeded."""

    def get(self, prediction_id: str) -> Prediction | None:
        return prediction("succeeded", id=prediction_id)


def running(count: int) -> Bench:
    """Make a poller for many running jobs that have succeeded at Replicate."""
    jobs = [job(Status.PROCESSING, id=f"job-{number}", replicate_id=f"r{number}") for number in range(count)]
    made = bench()
    made.records = Due({each.id: each for each in jobs}, due=[each.id for each in jobs])
    made.provider = Succeeded()
    return made


def run(made: Bench, seconds: Iterator[float] | None = None) -> None:
    check_replicate_status(
        clock=lambda: NOW, seconds_left=lambda: next(seconds) if seconds else 240.0, ports=made.ports
    )


def test_a_run_goes_on_until_no_job_is_overdue() -> None:
    made = running(2 * BATCH + 1)
    run(made)
    assert {message["jobId"] for message, _ in made.webhooks.sent} == set(made.records.jobs)


def test_jobs_are_claimed_until_the_next_run() -> None:
    made = running(0)
    run(made)
    assert isinstance(made.records, Due)
    assert made.records.asked == [{"now": NOW, "again_in": 4 * MINUTE, "limit": BATCH}]
    assert made.records.asked_unsent == made.records.asked


def test_a_queued_result_is_not_sent_again_in_the_next_run() -> None:
    made = running(2)
    run(made)
    assert made.records.postponed == [(["job-0", "job-1"], NOW + 9 * MINUTE)]


def test_a_result_whose_message_failed_is_looked_at_in_the_next_run(logged: Logged) -> None:
    made = running(2)
    made.webhooks.is_away = True
    run(made)
    assert made.records.postponed == []


def test_a_result_for_which_no_time_was_left_is_looked_at_in_the_next_run() -> None:
    made = running(1)
    [due] = made.records.jobs.values()
    answers = Answers({due.id: prediction("succeeded", id="r0")})
    settle_all([due], answers, now=NOW, has_time=lambda: False, ports=made.ports)
    assert (made.webhooks.sent, made.records.postponed) == ([], [])


def test_a_quarter_of_the_time_is_kept_for_other_work() -> None:
    made = running(3 * BATCH)
    left = 240.0

    class Slow(Succeeded):
        def get(self, prediction_id: str) -> Prediction | None:
            nonlocal left
            left -= 90 / BATCH
            return super().get(prediction_id)

    made.provider = Slow()
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: left, ports=made.ports)
    assert isinstance(made.records, Due)
    assert len(made.records.asked) == 2
    assert 50 <= left <= 70


def test_results_in_danger_are_counted_over_all_batches(logged: Logged) -> None:
    class Old(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            return prediction("succeeded", id=prediction_id, completed_at=iso(NOW - 31 * MINUTE))

    made = running(BATCH + 2)
    made.provider = Old()
    run(made)
    [line] = [line for line in logged() if line["action"] == "check.done"]
    assert line["JobsInDanger"] == BATCH + 2


def test_while_replicate_is_silent_no_more_jobs_are_claimed(logged: Logged) -> None:
    class Silent(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            raise ReplicateUnavailable("status 503")

    made = running(2 * BATCH)
    made.provider = Silent()
    run(made)
    assert isinstance(made.records, Due)
    assert len(made.records.due) == BATCH


def test_queued_jobs_past_their_deadline_fail_also_while_replicate_is_silent(logged: Logged) -> None:
    made = bench(job(Status.QUEUED, deadline_at=NOW))
    run(made)
    assert [ended.status for ended in made.records.jobs.values()] == [Status.FAILED]


@pytest.mark.parametrize("began", [NOW, NOW + timedelta(hours=1)])
def test_all_overdue_jobs_are_counted_before_any_is_settled(began: datetime, logged: Logged) -> None:
    made = running(3)
    check_replicate_status(clock=lambda: began, seconds_left=lambda: 0.0, ports=made.ports)
    [line] = [line for line in logged() if line["action"] == "check.done"]
    assert line["JobsOverdue"] == 3


@pytest.mark.parametrize(
    ("status", "code", "is_charged", "canceled"),
    [
        ("processing", "deadline_exceeded", True, ["r0"]),
        ("canceled", "deadline_exceeded", True, []),
        ("failed", "generation_failed", False, []),
        ("succeeded", "media_expired", False, []),
    ],
)
def test_an_hour_after_its_deadline_a_job_costs_what_replicate_charges(
    status: str, code: str, is_charged: bool, canceled: list[str], logged: Logged
) -> None:
    class Still(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            return prediction(status, id=prediction_id)

    made = running(1)
    made.provider = Still()
    late = job().deadline_at + timedelta(hours=1)
    check_replicate_status(clock=lambda: late, seconds_left=lambda: 240.0, ports=made.ports)
    [ended] = made.records.jobs.values()
    assert ended.error is not None
    assert (ended.error.code, ended.cost) == (code, ended.estimated_cost if is_charged else 0)
    assert made.provider.canceled == canceled
    assert made.webhooks.sent == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, False),
        (prediction("processing"), False),
        (prediction("succeeded"), True),
        (prediction("succeeded", completed_at=(NOW - timedelta(hours=2)).isoformat()), False),
    ],
)
def test_a_result_is_a_final_prediction_whose_files_may_still_be_there(told: Prediction | None, expected: bool) -> None:
    assert has_result(job(Status.PROCESSING), told, NOW) is expected

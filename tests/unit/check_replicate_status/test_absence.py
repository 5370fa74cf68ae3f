"""Proof that an unlisted job has no prediction: a wrong conclusion is paid twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from check_replicate_status.absence import APART, TOKEN_KEPT, prove_absence
from check_replicate_status.flow import check_replicate_status
from mediagen.aws.errors import AwsError
from mediagen.jobs.state import Status
from mediagen.lifecycle.completion import FREE
from mediagen.replicate.client import Prediction, ReplicateUnavailable
from unit.check_replicate_status.bench import Absences, Bench, bench
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, Provider, job, prediction

SENT = job(Status.SUBMITTING)
FIRST, SECOND = timedelta(minutes=3), timedelta(minutes=3) + APART


def stands_at(moment: datetime, made: Bench) -> None:
    """Run the poller once with a stopped clock."""
    check_replicate_status(clock=lambda: moment, seconds_left=lambda: 30.0, ports=made.ports)


def run(made: Bench, *after: timedelta) -> str:
    """Run the poller at some times after the submission; return the job's final status."""
    for moment in after:
        stands_at(NOW + moment, made)
    return str(made.records.jobs[JOB_ID].status)


class AtAnyTime(Provider):
    """A Replicate whose list can be read for later times also."""

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        yield from self.known.values()


def test_two_complete_readings_five_minutes_apart_prove_absence() -> None:
    made = bench(SENT)
    assert run(made, FIRST) == "submitting"
    assert run(made, SECOND - timedelta(seconds=1)) == "submitting"
    assert run(made, SECOND) == "queued"
    assert ({"jobId": JOB_ID}, 0) in made.submissions.sent


def test_a_list_that_lags_shows_the_job_at_the_second_reading() -> None:
    made = bench(SENT)
    run(made, FIRST)
    made.provider.known = {REPLICATE_ID: prediction("processing")}
    assert run(made, SECOND) == "processing"


def test_readings_of_an_earlier_submission_do_not_count() -> None:
    made = bench(SENT)
    run(made, FIRST)
    made.records.jobs[JOB_ID] = replace(SENT, revision=SENT.revision + 2)
    assert run(made, SECOND) == "submitting"


def test_a_token_of_another_account_proves_nothing() -> None:
    made = bench(SENT)
    run(made, FIRST)
    made.provider.username = "somebody-else"
    assert run(made, SECOND, SECOND + APART) == "submitting"


def test_a_job_that_was_sent_while_functions_may_have_had_another_token_is_never_absent() -> None:
    made = bench(SENT)
    made.token_replaced_at = SENT.updated_at - TOKEN_KEPT + timedelta(seconds=1)
    assert run(made, FIRST, SECOND, SECOND + APART) == "submitting"
    assert made.absences.first == {}
    made.token_replaced_at = SENT.updated_at - TOKEN_KEPT
    assert run(made, SECOND, SECOND + APART) == "queued"


def test_without_the_age_of_the_token_nothing_is_absent(logged: Logged) -> None:
    def away() -> datetime:
        raise AwsError("ThrottlingException", 400, "Rate exceeded")

    proven = prove_absence(
        [SENT], "vsl", began=NOW, ended=NOW, records=Absences(account=("vsl", NOW)), token_replaced_at=away
    )
    assert proven == set()
    assert [line["part"] for line in logged()] == ["secrets"]


def test_a_new_account_counts_for_jobs_that_were_sent_to_it_only() -> None:
    later = job(Status.SUBMITTING, id="019ab2c3-d4e5-7abc-8def-0123456789ab", updated_at=NOW + SECOND + APART)
    running = job(Status.PROCESSING, id="019ab2c3-d4e5-7abc-8def-0123456789ac", replicate_id="theirs")
    made = bench(SENT)
    run(made, FIRST)
    made.provider = AtAnyTime(username="new")
    made.provider.known = {"theirs": prediction("processing", id="theirs", webhook="https://api.example/?jobId=other")}
    made.records.jobs |= {running.id: running}
    run(made, SECOND)
    made.records.jobs |= {later.id: later}
    assert run(made, SECOND + 3 * APART, SECOND + 4 * APART) == "submitting"
    assert made.records.jobs[later.id].status is Status.QUEUED


@pytest.mark.parametrize("answers", [["vsl", "other"], ["other", "vsl"], ["vsl", None], [None, "vsl"], ["vsl", 7]])
def test_an_account_that_is_not_the_same_before_and_after_the_reading_proves_nothing(answers: list[Any]) -> None:
    class Rotated(Provider):
        def account(self) -> dict[str, Any] | None:
            told.append(told.pop(0))
            if told[-1] is None:
                raise ReplicateUnavailable("status 503")
            return {"username": told[-1]}

    told = list(answers)
    made = bench(SENT)
    made.absences.note_account("vsl", has_our_predictions=True, now=NOW - timedelta(days=1))
    made.provider = Rotated()
    assert run(made, FIRST, SECOND) == "submitting"
    assert made.absences.first == {}


def test_past_its_deadline_a_job_fails_free_once_its_absence_is_proven() -> None:
    made, late = bench(SENT), SENT.deadline_at - NOW
    assert run(made, late) == "submitting"
    assert run(made, late + APART) == "failed"
    ended = made.records.jobs[JOB_ID]
    assert ended.error is not None
    assert (ended.error.code, ended.cost) == ("deadline_exceeded", FREE)


def test_an_unreadable_list_proves_nothing_and_costs_no_reading(logged: Logged) -> None:
    class Silent(Provider):
        def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
            raise ReplicateUnavailable("status 503")
            yield

    made = bench(SENT)
    run(made, FIRST)
    made.provider = Silent()
    run(made, SECOND)
    made.provider = Provider()
    assert run(made, SECOND + timedelta(seconds=1)) == "queued"
    assert [line["part"] for line in logged() if "part" in line] == ["replicate"]

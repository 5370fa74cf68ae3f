"""Each job has its own evidence of absence, and only readings with a named account count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from check_replicate_status.absence import APART, prove_absence, read_account
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.absences import AbsenceRecords
from mediagen.replicate.client import ReplicateUnavailable
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, Provider, job


@dataclass
class Evidence(AbsenceRecords):
    """Records of an account, known since some time, and of first readings by job."""

    since: datetime
    first: dict[str, datetime] = field(default_factory=dict)

    def note_account(self, username: str, *, has_our_predictions: bool, now: datetime) -> None:
        raise NotImplementedError

    def account_since(self, username: str) -> datetime | None:
        return self.since

    def note_absent(self, job_id: str, revision: int, *, now: datetime) -> datetime:
        return self.first.setdefault(job_id, now)


@dataclass
class Account(Provider):
    """A Replicate that names an account, or fails."""

    answer: Any = None

    def account(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def absent(jobs: Sequence[Job], account: str | None, at: datetime, evidence: Evidence) -> set[str]:
    """Judge a reading of one moment, with a token that was never replaced."""
    return prove_absence(jobs, account, began=at, ended=at, records=evidence, token_replaced_at=lambda: None)


def test_a_job_that_was_sent_when_the_account_became_ours_counts() -> None:
    sent = job(Status.SUBMITTING)
    evidence = Evidence(sent.updated_at, {JOB_ID: NOW})
    assert absent([sent], "us", NOW + APART, evidence) == {JOB_ID}


def test_the_first_reading_of_one_job_proves_nothing_about_another() -> None:
    sent, other = job(Status.SUBMITTING), job(Status.SUBMITTING, id=new_job_id(NOW))
    evidence = Evidence(sent.updated_at, {JOB_ID: NOW})
    assert absent([sent, other], "us", NOW + APART, evidence) == {JOB_ID}


def test_without_an_account_nothing_is_proven() -> None:
    evidence = Evidence(NOW - APART, {JOB_ID: NOW - APART})
    assert absent([job(Status.SUBMITTING)], None, NOW, evidence) == set()


@pytest.mark.parametrize("answer", [None, {}, {"username": 7}, {"username": None}])
def test_an_account_without_a_name_is_none(answer: Any) -> None:
    assert read_account(Account(answer=answer)) is None


def test_an_account_that_cannot_be_read_is_logged(logged: Logged) -> None:
    assert read_account(Account(answer=ReplicateUnavailable("status 503"))) is None
    assert [(line["action"], line["part"]) for line in logged()] == [("degraded", "replicate")]

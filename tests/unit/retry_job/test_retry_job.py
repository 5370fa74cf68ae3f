"""Retrying a job: the copied fields, and the same acceptance as any other job."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from mediagen.errors.refusals import (
    IdempotencyKeyReused,
    InvalidFields,
    InvalidJobId,
    InvalidRequest,
    JobNotFound,
    JobRunning,
    RateLimited,
    Refusal,
    Unauthorized,
    UnknownModel,
)
from mediagen.http.edge import Request, Response
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.lifecycle.accept import Ports as AcceptingPorts
from retry_job.flow import Ports, retry_job
from unit.claims import Claims
from unit.generate_media.bench import Limiter, OneModel
from unit.samples import JOB_ID, MODEL, NOW, USER_ID, Provider, Records, job, nobody, submission_ports

RUNNING = [Status.QUEUED, Status.SUBMITTING, Status.PROCESSING]
FINAL = [Status.COMPLETED, Status.FAILED, Status.CANCELED]
NOTES = {"order": "7", "vip": True}


@dataclass
class Bench:
    """A flow with ports that record their calls."""

    records: Records
    limiter: Limiter = field(default_factory=Limiter)
    provider: Provider = field(default_factory=Provider)
    catalogue: OneModel = field(default_factory=OneModel)

    def retry(self, job_id: str = JOB_ID, user_id: str = USER_ID, body: bytes = b"", **headers: str) -> Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        submission = submission_ports(self.records, self.provider)
        claims = Claims(self.records)
        accepting = AcceptingPorts(self.catalogue, self.limiter, 2, self.records, claims, submission, nobody)
        request = Request(given, {"jobId": job_id}, {}, body, user_id, "r")
        return retry_job(request, now=NOW + timedelta(hours=1), ports=Ports(self.records, accepting))

    def new(self, response: Response) -> Job:
        """Return the job of an answer."""
        return self.records.jobs[str(response.body["jobId"])]

    def refused(self, kind: type[Refusal], job_id: str = JOB_ID, user_id: str = USER_ID) -> Refusal:
        """Send a request that is refused and creates no job."""
        before = dict(self.records.jobs)
        with pytest.raises(kind) as caught:
            self.retry(job_id, user_id)
        assert (self.records.jobs, self.provider.created) == (before, [])
        return caught.value


def test_a_retry_with_a_body_is_refused_because_it_would_not_count() -> None:
    bench = Bench(Records.of(job(Status.FAILED)))
    with pytest.raises(InvalidRequest, match="takes no body"):
        bench.retry(body=b'{"params": {"seed": 2}}')
    assert bench.provider.created == []


@pytest.mark.parametrize("status", FINAL)
def test_a_terminal_job_is_retried_as_a_new_job_that_names_it(status: Status) -> None:
    old = job(status, metadata=NOTES)
    bench = Bench(Records.of(old))
    response = bench.retry()
    made = bench.new(response)
    assert (response.status, response.headers["Location"]) == (202, f"/status/{made.id}")
    assert made.id != JOB_ID
    assert (made.retry_of, made.params, made.metadata) == (JOB_ID, old.params, NOTES)
    assert made.deadline_at - made.created_at == timedelta(minutes=30)
    assert bench.records.jobs[JOB_ID] == old
    assert [one["params"] for one in bench.provider.created] == [old.params]
    assert (bench.limiter.count, response.headers["RateLimit"].partition(";")[0]) == (1, '"hour"')


def test_a_deadline_of_ones_own_is_kept_and_one_that_is_too_late_today_is_cut() -> None:
    for given, today, kept in ((60, MODEL.deadline_seconds, 60), (1800, 900, 900)):
        bench = Bench(Records.of(job(Status.FAILED, deadline_at=NOW + timedelta(seconds=given))))
        bench.catalogue = OneModel(model=replace(MODEL, deadline_seconds=today))
        made = bench.new(bench.retry())
        assert made.deadline_at - made.created_at == timedelta(seconds=kept)


@pytest.mark.parametrize("status", RUNNING)
def test_a_job_that_runs_is_409_with_its_status(status: Status) -> None:
    refusal = Bench(Records.of(job(status))).refused(JobRunning)
    assert refusal.extra == {"jobId": JOB_ID, "jobStatus": str(status)}


def test_a_deleted_job_is_not_there() -> None:
    bench = Bench(Records.of(job(Status.COMPLETED)))
    bench.records.mark(JOB_ID, USER_ID, now=NOW, erase_at=NOW)
    bench.refused(JobNotFound)


def test_another_users_job_does_not_exist() -> None:
    theirs = Bench(Records.of(job(Status.COMPLETED))).refused(JobNotFound, user_id="somebody-else")
    assert theirs.detail == Bench(Records()).refused(JobNotFound).detail


@pytest.mark.parametrize("job_id", ["", "x", JOB_ID.upper()])
def test_a_malformed_job_id_is_400(job_id: str) -> None:
    Bench(Records()).refused(InvalidJobId, job_id)


def test_without_a_user_nothing_is_looked_at() -> None:
    Bench(Records.of(job(Status.FAILED))).refused(Unauthorized, user_id="")


def test_a_removed_model_cannot_be_retried() -> None:
    Bench(Records.of(job(Status.FAILED)), catalogue=OneModel("another")).refused(UnknownModel)


def test_params_that_the_model_no_longer_accepts_are_named() -> None:
    refusal = Bench(Records.of(job(Status.FAILED, params={"fps": 24}))).refused(InvalidFields)
    assert [error.path for error in refusal.errors] == ["params.fps"]


def test_a_retry_counts_as_a_generation() -> None:
    Bench(Records.of(job(Status.FAILED)), Limiter(count=2)).refused(RateLimited)


def test_a_repeated_retry_returns_the_same_job_even_after_the_old_one_is_deleted() -> None:
    bench = Bench(Records.of(job(Status.FAILED)))
    first = bench.retry(idempotency_key="key 1")
    bench.records.mark(JOB_ID, USER_ID, now=NOW, erase_at=NOW)
    second = bench.retry(idempotency_key="key 1")
    assert (second.status, second.body) == (first.status, first.body)
    assert (len(bench.records.jobs), len(bench.provider.created)) == (2, 1)


def test_a_key_that_retried_another_job_is_refused() -> None:
    bench = Bench(Records.of(job(Status.FAILED)))
    made = bench.new(bench.retry(idempotency_key="key 1"))
    with pytest.raises(IdempotencyKeyReused):
        bench.retry(made.id, idempotency_key="key 1")

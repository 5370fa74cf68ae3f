"""Sending a job that could not be sent when it was accepted."""

from datetime import timedelta

import pytest

from mediagen.catalogue import Model
from mediagen.refusals import UnknownModel
from mediagen.replicate import NotTaken
from mediagen.states import Status
from submit_job.flow import Ports, submit_job
from unit.conftest import Logged
from unit.samples import JOB_ID, MODEL, NOW, REPLICATE_ID, Provider, Queue, Records, job, prediction, submission_ports


class OneModel:
    """A catalogue with one model, or none any more."""

    def __init__(self, model: Model | None = MODEL) -> None:
        self.model = model

    def find(self, _media_type: str, _model_id: str) -> Model:
        """Return it."""
        if self.model is None:
            raise UnknownModel("Unknown model.")
        return self.model


def run(records: Records, provider: Provider, queue: Queue | None = None, **options: object) -> None:
    """Handle the job's message."""
    model, minutes = options.get("model", MODEL), int(str(options.get("minutes", 1)))
    ports = Ports(OneModel(model), submission_ports(records, provider, queue))  # type: ignore[arg-type]
    submit_job({"jobId": JOB_ID}, now=NOW + timedelta(minutes=minutes), ports=ports)


def test_a_queued_job_is_claimed_and_sent_with_its_params() -> None:
    records, provider = Records.of(job(Status.QUEUED)), Provider()
    run(records, provider)
    assert records.jobs[JOB_ID].status is Status.PROCESSING
    assert [change.reason for change in records.changes] == ["submit", "accepted_by_replicate"]
    assert provider.created[0]["params"] == {"prompt": "a lighthouse"}


@pytest.mark.parametrize("status", sorted({*Status} - {Status.QUEUED, Status.CANCELED}))
def test_a_message_that_comes_twice_pays_once(status: Status, logged: Logged) -> None:
    records, provider = Records.of(job(status)), Provider()
    run(records, provider)
    assert provider.created == []
    assert records.jobs[JOB_ID] == job(status)
    assert [line["action"] for line in logged()] == ["submission.not_ours"]


@pytest.mark.parametrize(("replicate_id", "stopped"), [(None, [REPLICATE_ID]), ("known", ["known"])])
def test_what_replicate_has_of_a_canceled_job_is_stopped(replicate_id: str | None, stopped: list[str]) -> None:
    canceled = job(Status.CANCELED, replicate_id=replicate_id)
    records, provider = Records.of(canceled), Provider(known={"x": prediction("processing")})
    run(records, provider)
    assert (provider.created, provider.canceled) == ([], stopped)
    assert records.jobs[JOB_ID] == canceled


def test_a_canceled_job_that_replicate_never_had_stays_as_it_is(logged: Logged) -> None:
    provider = Provider(known={"x": prediction("processing", webhook="https://api.example/another?jobId=x")})
    run(Records.of(job(Status.CANCELED, replicate_id=None)), provider)
    assert (provider.created, provider.canceled) == ([], [])
    assert [line["action"] for line in logged()] == ["submission.taken_back"]


def test_a_message_for_no_job_is_done_with() -> None:
    provider = Provider()
    run(Records(), provider)
    assert provider.created == []


@pytest.mark.parametrize(("minutes", "status"), [(29, "processing"), (31, "failed")])
def test_a_job_past_its_deadline_is_not_paid_for(minutes: int, status: str) -> None:
    records, provider = Records.of(job(Status.QUEUED)), Provider()
    run(records, provider, minutes=minutes)
    ended = records.jobs[JOB_ID]
    assert ended.status == status
    assert len(provider.created) == (status == "processing")
    assert status == "processing" or (ended.error and ended.error.code == "deadline_exceeded")


def test_a_model_taken_away_while_the_job_waited_fails_it() -> None:
    records, provider = Records.of(job(Status.QUEUED)), Provider()
    run(records, provider, model=None)
    ended = records.jobs[JOB_ID]
    assert ended.error is not None
    assert (ended.status, ended.error.code) == ("failed", "model_unavailable")
    assert provider.created == []


def test_a_job_replicate_cannot_take_yet_goes_back_into_the_queue() -> None:
    records, queue = Records.of(job(Status.QUEUED)), Queue()
    run(records, Provider(NotTaken("throttled", 30)), queue)
    assert records.jobs[JOB_ID].status is Status.QUEUED
    assert [delay for _, delay in queue.sent] == [30]

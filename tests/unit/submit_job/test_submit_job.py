"""Sending a job that was queued at acceptance."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from mediagen.errors.refusals import UnknownModel
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.lifecycle.prediction_lookup import CLOCK_SKEW
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK
from mediagen.limits.dispatch import Turn
from mediagen.models.catalogue import Model
from mediagen.replicate.client import Prediction
from mediagen.replicate.create_outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from mediagen.times import iso
from submit_job.flow import ENDED_AT_ONCE, Ports, submit_job
from unit.conftest import Logged
from unit.pace import Pace
from unit.samples import JOB_ID, MODEL, NOW, REPLICATE_ID, Provider, Queue, Records, job, prediction, submission_ports

SENT_AT = NOW - timedelta(seconds=30)


class OneModel:
    """A catalogue with one model, or with none after its removal."""

    def __init__(self, model: Model | None = MODEL) -> None:
        self.model = model

    def find(self, _media_type: str, _model_id: str) -> Model:
        if self.model is None:
            raise UnknownModel("Unknown model.")
        return self.model


def run(
    records: Records, provider: Provider, queue: Queue | None = None, pace: Pace | None = None, **options: object
) -> None:
    model, now = options.get("model", MODEL), NOW + timedelta(minutes=int(str(options.get("minutes", 1))))
    known = {job.replicate_id for job in records.jobs.values() if job.replicate_id}
    ports = Ports(
        OneModel(model),  # type: ignore[arg-type]
        submission_ports(records, provider, queue, pace=pace),
        lambda ids: known & {*ids},
    )
    names = {"turn_at": "turnAt", "sent_at": "sentAt"}
    message = {"jobId": JOB_ID} | {wire: options[name] for name, wire in names.items() if name in options}
    submit_job(message, now=now, ports=ports)


def waiting(number: int, **changes: object) -> Job:
    """Make one of several queued jobs, by its position."""
    accepted = NOW - timedelta(minutes=90) + timedelta(seconds=number)
    return job(Status.QUEUED, id=new_job_id(accepted), created_at=accepted, **changes)


def test_an_early_message_is_requeued_without_a_lookup() -> None:
    records, provider, queue, pace = Records.of(job(Status.QUEUED)), Provider(), Queue(), Pace()
    turn_at = int(NOW.timestamp()) + 60 + 1000
    run(records, provider, queue, pace, turn_at=turn_at)
    assert queue.sent == [({"jobId": JOB_ID, "turnAt": turn_at}, 900)]
    assert (provider.created, pace.heard, records.changes) == ([], [], [])
    run(records, provider, queue, pace, turn_at=turn_at, minutes=18)
    assert len(provider.created) == 1


def test_a_job_without_a_dispatch_slot_is_requeued_until_its_slot() -> None:
    records, queue = Records.of(job(Status.QUEUED)), Queue()
    ask_at = NOW + timedelta(minutes=1, seconds=30.2)
    run(records, provider := Provider(), queue, Pace(Turn(ask_at)))
    [(message, delay)] = queue.sent
    assert (message["turnAt"] - ask_at.timestamp() < 1, delay, provider.created) == (True, 31, [])
    assert records.jobs[JOB_ID] == job(Status.QUEUED)


def test_the_submitted_job_is_the_next_in_dispatch_order() -> None:
    older = waiting(1)
    records = Records.of(job(Status.QUEUED), older)
    run(records, Provider())
    assert [records.jobs[one].status for one in (older.id, JOB_ID)] == ["processing", "queued"]


def test_a_submitted_job_leaves_its_dispatch_slot_to_queued_jobs() -> None:
    older = waiting(1)
    records = Records.of(job(Status.PROCESSING), older)
    run(records, Provider())
    assert records.jobs[older.id].status == "processing"


def test_jobs_past_their_deadline_fail_and_use_no_dispatch_slot() -> None:
    late = [waiting(number, deadline_at=NOW) for number in range(ENDED_AT_ONCE - 1)]
    records, queue, pace = Records.of(job(Status.QUEUED), *late), Queue(), Pace()
    run(records, Provider(), queue, pace)
    assert {records.jobs[one.id].status for one in late} == {"failed"}
    assert (records.jobs[JOB_ID].status, queue.sent, pace.heard) == ("processing", [], ["turn"])


def test_after_some_failed_jobs_another_message_continues() -> None:
    late = [waiting(number, deadline_at=NOW) for number in range(ENDED_AT_ONCE)]
    records, queue = Records.of(job(Status.QUEUED), *late), Queue()
    run(records, Provider(), queue)
    assert (records.jobs[JOB_ID].status, [delay for _, delay in queue.sent]) == ("queued", [0])


@pytest.mark.parametrize(
    ("outcome", "is_watched", "heard"),
    [
        (Accepted(prediction("starting")), False, []),
        (Accepted(prediction("starting")), True, ["taken"]),
        (Refused("invalid_params"), True, ["taken"]),
        (NotTaken("throttled", 7), False, ["refused 7"]),
        (Unknown("status 503"), True, ["doubted"]),
    ],
)
def test_the_rate_limiter_learns_whether_replicate_accepts_jobs(
    outcome: Outcome, is_watched: bool, heard: list[str]
) -> None:
    pace = Pace(Turn(is_watched=is_watched))
    run(Records.of(job(Status.QUEUED)), Provider(outcome), Queue(), pace)
    assert pace.heard == ["turn", *heard]


def test_without_the_rate_limiter_a_refused_job_waits_by_itself() -> None:
    queue = Queue()
    run(Records.of(job(Status.QUEUED)), Provider(NotTaken("throttled", 7)), queue, Pace(is_away=True))
    assert [delay for _, delay in queue.sent] == [7]


def test_a_queued_job_is_claimed_and_sent_with_its_params() -> None:
    records, provider = Records.of(job(Status.QUEUED)), Provider()
    run(records, provider)
    assert records.jobs[JOB_ID].status is Status.PROCESSING
    assert [change.reason for change in records.changes] == ["submit", "accepted_by_replicate"]
    assert provider.created[0]["params"] == {"prompt": "a lighthouse"}


@pytest.mark.parametrize("status", sorted({*Status} - {Status.QUEUED, Status.CANCELED}))
def test_a_duplicate_message_pays_once(status: Status, logged: Logged) -> None:
    records, provider = Records.of(job(status)), Provider()
    run(records, provider)
    assert provider.created == []
    assert records.jobs[JOB_ID] == job(status)
    assert [line["action"] for line in logged()] == ["submission.skipped"]


@pytest.mark.parametrize(("replicate_id", "stopped"), [(None, [REPLICATE_ID]), ("known", ["known"])])
def test_a_canceled_jobs_prediction_is_stopped(replicate_id: str | None, stopped: list[str]) -> None:
    canceled = job(Status.CANCELED, replicate_id=replicate_id)
    records, provider = Records.of(canceled), Provider(known={"x": prediction("processing")})
    run(records, provider, sent_at=iso(SENT_AT))
    assert (provider.created, provider.canceled) == ([], stopped)
    assert records.jobs[JOB_ID] == canceled


def test_a_canceled_job_that_replicate_never_had_stays_as_it_is(logged: Logged) -> None:
    provider = Provider(known={"x": prediction("processing", webhook="https://api.example/another?jobId=x")})
    run(Records.of(job(Status.CANCELED, replicate_id=None)), provider, sent_at=iso(SENT_AT))
    assert (provider.created, provider.canceled) == ([], [])
    assert [line["action"] for line in logged()] == ["submission.taken_back"]


class Unlisted(Provider):
    """A Replicate whose list may not be read."""

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        raise AssertionError("the list of the whole account was read")


def test_the_message_of_a_canceled_job_starts_no_search(logged: Logged) -> None:
    run(Records.of(job(Status.CANCELED, replicate_id=None)), Unlisted())
    assert [line["action"] for line in logged()] == ["submission.skipped"]


def test_predictions_of_other_jobs_are_not_read_one_by_one() -> None:
    """Replicate does not document whether list items have a webhook: reading each took one call per recent job."""

    class Reading(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            read.append(prediction_id)
            return super().get(prediction_id)

    read: list[str] = []
    others = [job(Status.PROCESSING, id=new_job_id(NOW), replicate_id=f"other-{number}") for number in range(50)]
    listed = {str(one.replicate_id): prediction("processing", id=one.replicate_id, webhook=None) for one in others}
    provider = Reading(known=listed | {"ours": prediction("processing", id="ours", webhook=None)})
    run(Records.of(job(Status.CANCELED, replicate_id=None), *others), provider, sent_at=iso(SENT_AT))
    assert read == ["ours"]


def test_only_the_time_in_which_a_canceled_job_was_sent_is_searched() -> None:
    class Watched(Provider):
        def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
            asked.append((moment, until))
            yield from ()

    asked: list[tuple[datetime, datetime | None]] = []
    run(Records.of(job(Status.CANCELED, replicate_id=None)), Watched(), sent_at=iso(SENT_AT))
    assert asked == [(SENT_AT - CLOCK_SKEW, SENT_AT + AMBIGUOUS_CHECK + CLOCK_SKEW)]


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


def test_a_model_removed_while_the_job_was_queued_fails_it() -> None:
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

"""Canceling a job from any state: it ends once, and its prediction is either stopped or kept, never both."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from cancel_job.flow import LOOK_SECONDS, Ports, cancel_job
from mediagen.errors.refusals import InvalidJobId, JobFinished, JobNotFound, Refusal, Unauthorized, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.replicate.client import Prediction, ReplicateUnavailable
from mediagen.times import iso
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, USER_ID, Provider, Queue, Records, job, prediction
from unit.screen import Screen

RUNNING = [Status.QUEUED, Status.SUBMITTING, Status.PROCESSING]
FINAL = [Status.COMPLETED, Status.FAILED, Status.CANCELED]


@dataclass
class Replicate(Provider):
    """Cancels as Replicate does: a terminal prediction stays unchanged. It may be down."""

    is_away: bool = False

    def cancel(self, prediction_id: str) -> Prediction | None:
        if self.is_away:
            raise ReplicateUnavailable("status 500")
        return super().cancel(prediction_id)


@dataclass
class MovingRecords(Records):
    """Jobs that another process changes after each read."""

    moves: list[Job] = field(default_factory=list)

    def find(self, job_id: str) -> Job | None:
        found = super().find(job_id)
        if self.moves:
            self.jobs[job_id] = self.moves.pop(0)
        return found


@dataclass
class World:
    """The environment of a cancel."""

    records: Records
    replicate: Replicate = field(default_factory=lambda: Replicate(known={REPLICATE_ID: prediction("canceled")}))
    queue: Queue = field(default_factory=Queue)
    screen: Screen = field(default_factory=Screen)

    def cancel(self, job_id: str = JOB_ID, user_id: str = USER_ID) -> Response:
        ports = Ports(self.records, self.replicate, self.queue, self.screen)
        return cancel_job(Request({}, {"jobId": job_id}, {}, b"", user_id, "r"), now=NOW, ports=ports)

    def refused(self, kind: type[Refusal]) -> Refusal:
        """Send a request that is refused and changes nothing."""
        before = dict(self.records.jobs)
        with pytest.raises(kind) as caught:
            self.cancel()
        assert self.records.jobs == before
        assert self.screen.shown == []
        return caught.value


@pytest.mark.parametrize("status", RUNNING)
def test_a_job_that_has_not_ended_is_canceled_and_shown(status: Status, logged: Logged) -> None:
    world = World(Records.of(job(status)))
    response = world.cancel()
    assert (response.status, response.body["status"], response.body["jobId"]) == (200, "canceled", JOB_ID)
    assert response.body["error"] == {
        "code": "canceled",
        "message": "The generation was canceled.",
        "retryable": True,
    }
    assert [shown.status for shown in world.screen.shown] == [Status.CANCELED]
    assert [change.reason for change in world.records.changes] == ["canceled_by_client"]
    assert [line["action"] for line in logged()] == ["job.canceled"]


def test_the_answer_has_no_inner_names() -> None:
    body = World(Records.of(job(Status.PROCESSING))).cancel().body
    assert not {"userId", "revision", "replicateId", "outputs"} & set(body)
    assert body["statusUrl"] == f"/status/{JOB_ID}"


def test_a_running_job_is_stopped_at_replicate_and_charged_as_replicate_does() -> None:
    world = World(Records.of(job(Status.PROCESSING)))
    assert world.cancel().body["cost"] == 0.003
    assert (world.replicate.canceled, world.queue.sent) == ([REPLICATE_ID], [])


def test_of_a_job_that_replicate_may_get_a_message_stays_behind() -> None:
    world = World(Records.of(job(Status.SUBMITTING)))
    world.cancel()
    assert world.queue.sent == [({"jobId": JOB_ID, "sentAt": iso(job().updated_at)}, LOOK_SECONDS)]
    assert world.replicate.canceled == []
    assert world.records.jobs[JOB_ID].cost == Decimal("0.003")


def test_a_job_that_replicate_cannot_have_is_canceled_without_a_search() -> None:
    world = World(Records.of(job(Status.QUEUED)))
    world.cancel()
    assert (world.queue.sent, world.replicate.canceled) == ([], [])
    assert world.records.jobs[JOB_ID].cost == Decimal(0)


@pytest.mark.parametrize("status", FINAL)
def test_a_job_that_has_ended_is_409_and_unchanged(status: Status) -> None:
    world = World(Records.of(job(status)))
    refusal = world.refused(JobFinished)
    assert (refusal.status, refusal.extra) == (409, {"jobId": JOB_ID, "jobStatus": str(status)})
    assert (world.replicate.canceled, world.queue.sent) == ([], [])


@pytest.mark.parametrize("ended", ["succeeded", "failed", "aborted"])
def test_a_generation_that_has_ended_is_paid_for_and_kept(ended: str) -> None:
    world = World(Records.of(job(Status.PROCESSING)), Replicate(known={REPLICATE_ID: prediction(ended)}))
    assert world.refused(JobFinished).extra["jobStatus"] == "processing"


@pytest.mark.parametrize("known", [{}, {REPLICATE_ID: prediction("processing")}], ids=["gone", "still stopping"])
def test_a_missing_or_stopping_prediction_does_not_block_the_cancel(known: dict[str, Prediction]) -> None:
    world = World(Records.of(job(Status.PROCESSING)), Replicate(known=known))
    assert world.cancel().body["status"] == "canceled"


def test_while_replicate_does_not_answer_nothing_is_changed() -> None:
    refusal = World(Records.of(job(Status.PROCESSING)), Replicate(is_away=True)).refused(Unavailable)
    assert refusal.retry_after_seconds == 5


def test_without_the_queue_nothing_is_changed() -> None:
    World(Records.of(job(Status.SUBMITTING)), queue=Queue(is_away=True)).refused(Unavailable)


def test_without_the_database_nothing_is_changed() -> None:
    World(replace(Records.of(job(Status.SUBMITTING)), is_away=True)).refused(Unavailable)


def test_a_job_submitted_meanwhile_is_canceled_at_replicate() -> None:
    records = MovingRecords({JOB_ID: job(Status.SUBMITTING)}, moves=[job(Status.PROCESSING)])
    world = World(records)
    assert world.cancel().body["status"] == "canceled"
    assert world.replicate.canceled == [REPLICATE_ID]


def test_a_job_that_completes_meanwhile_stays_completed() -> None:
    records = MovingRecords({JOB_ID: job(Status.PROCESSING)}, moves=[job(Status.COMPLETED)])
    with pytest.raises(JobFinished) as caught:
        World(records).cancel()
    assert caught.value.extra["jobStatus"] == "completed"
    assert records.changes == []


def test_the_webhook_of_our_own_cancel_may_be_faster() -> None:
    records = MovingRecords({JOB_ID: job(Status.PROCESSING)}, moves=[job(Status.CANCELED)])
    world = World(records)
    assert (world.cancel().status, records.changes, world.screen.shown) == (200, [], [])


def test_a_job_that_does_not_hold_still_is_left_alone() -> None:
    moves = [job(Status.QUEUED), job(Status.SUBMITTING), job(Status.QUEUED), job(Status.SUBMITTING)]
    world = World(MovingRecords({JOB_ID: job(Status.SUBMITTING)}, moves=moves))
    with pytest.raises(Unavailable):
        world.cancel()


def test_another_users_job_does_not_exist() -> None:
    world = World(Records.of(job(Status.PROCESSING)))
    with pytest.raises(JobNotFound) as theirs:
        world.cancel(user_id="somebody-else")
    with pytest.raises(JobNotFound) as nobodys:
        World(Records()).cancel()
    assert theirs.value.detail == nobodys.value.detail
    assert (world.replicate.canceled, world.records.changes) == ([], [])


@pytest.mark.parametrize("job_id", ["", "x", JOB_ID.upper()])
def test_a_malformed_job_id_is_400(job_id: str) -> None:
    with pytest.raises(InvalidJobId):
        World(Records()).cancel(job_id)


def test_without_a_user_nothing_is_looked_at() -> None:
    with pytest.raises(Unauthorized):
        World(Records.of(job())).cancel(user_id="")

"""Deleting a job: only one's own, only in a terminal state, and idempotent."""

from dataclasses import dataclass, field, replace

import pytest

from delete_job.flow import Ports, delete_job
from mediagen.errors.refusals import InvalidJobId, JobNotFound, JobRunning, Refusal, Unauthorized, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.state import Status
from unit.erasure import Erasure
from unit.samples import JOB_ID, NOW, USER_ID, Records, job

RUNNING = [Status.QUEUED, Status.SUBMITTING, Status.PROCESSING]
FINAL = [Status.COMPLETED, Status.FAILED, Status.CANCELED]


@dataclass
class World:
    """The environment of a deletion."""

    records: Records
    erasure: Erasure = field(default_factory=Erasure)

    def delete(self, job_id: str = JOB_ID, user_id: str = USER_ID) -> Response:
        ports = Ports(self.records, self.records, self.erasure.ports)
        return delete_job(Request({}, {"jobId": job_id}, {}, b"", user_id, "r"), now=NOW, ports=ports)

    def refused(self, kind: type[Refusal], job_id: str = JOB_ID, user_id: str = USER_ID) -> Refusal:
        """Send a request that is refused and changes nothing."""
        with pytest.raises(kind) as caught:
            self.delete(job_id, user_id)
        assert (self.records.deleted, self.erasure.done) == ({}, [])
        return caught.value


@pytest.mark.parametrize("status", FINAL)
def test_a_job_that_has_ended_is_marked_and_erased(status: Status) -> None:
    world = World(Records.of(job(status)))
    response = world.delete()
    assert (response.status, response.body) == (204, {})
    assert world.records.find(JOB_ID) is None
    assert world.erasure.done[0] == "hidden 2"  # by the revision of the deletion mark
    assert world.erasure.done[-1] == "scrubbed"


@pytest.mark.parametrize("status", RUNNING)
def test_a_job_that_runs_is_409_with_its_status(status: Status) -> None:
    refusal = World(Records.of(job(status))).refused(JobRunning)
    assert (refusal.status, refusal.code) == (409, "job_running")
    assert refusal.extra == {"jobId": JOB_ID, "jobStatus": str(status)}


def test_a_deleted_job_is_deleted_again_as_long_as_something_is_left() -> None:
    world = World(Records.of(job(Status.COMPLETED)))
    assert [world.delete().status for _ in range(2)] == [204, 204]
    assert world.erasure.done[:4] == world.erasure.done[4:]
    world.records.deleted[JOB_ID] = replace(world.records.deleted[JOB_ID], is_erased=True)
    assert world.delete().status == 204
    assert len(world.erasure.done) == 8


@pytest.mark.parametrize("part", ["table", "images", "temp"])
def test_a_partial_erasure_is_reported_and_the_job_is_hidden(part: str) -> None:
    world = World(Records.of(job(Status.COMPLETED)), Erasure(away={part}))
    with pytest.raises(Unavailable) as caught:
        world.delete()
    assert (caught.value.retry_after_seconds, world.records.find(JOB_ID)) == (5, None)
    world.erasure.away.clear()
    assert world.delete().status == 204


def test_without_the_database_nothing_is_changed() -> None:
    World(replace(Records.of(job(Status.COMPLETED)), is_away=True)).refused(Unavailable)


@pytest.mark.parametrize("status", Status)
def test_another_users_job_does_not_exist(status: Status) -> None:
    theirs = World(Records.of(job(status))).refused(JobNotFound, user_id="somebody-else")
    nobodys = World(Records()).refused(JobNotFound)
    assert (theirs.detail, theirs.extra) == (nobodys.detail, nobodys.extra)


def test_another_users_deleted_job_does_not_exist() -> None:
    world = World(Records.of(job(Status.COMPLETED)))
    world.delete()
    with pytest.raises(JobNotFound):
        world.delete(user_id="somebody-else")


@pytest.mark.parametrize("job_id", ["", "x", JOB_ID.upper()])
def test_a_malformed_job_id_is_400(job_id: str) -> None:
    World(Records()).refused(InvalidJobId, job_id)


def test_without_a_user_nothing_is_looked_at() -> None:
    World(Records.of(job(Status.COMPLETED))).refused(Unauthorized, user_id="")

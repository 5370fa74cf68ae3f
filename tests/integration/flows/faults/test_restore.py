"""PostgreSQL is restored to an earlier moment: no job is paid twice, no result is lost, all stores agree (ADR 42)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from integration.flows.faults.point_in_time import restore, take_snapshot
from integration.flows.faults.promises import broken
from integration.flows.faults.scenarios import NO_WEBHOOK, accepted
from integration.flows.faults.settling import Stage
from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change

AN_HOUR = timedelta(hours=1)

EARLIER = {
    "completed": "",
    "failed": "[[fault:nsfw]]",
    "canceled": "[[fault:canceled]]",
    "deleted": "",
}
UNFINISHED = {
    "queued": "[[fault:429 times=1]]",
    "taken, answer lost": "[[fault:cut-after-accept times=1]]",
    "not taken, answer lost": "[[fault:cut-before-accept times=1]]",
    "processing, then completed": "",
    "processing, then failed": "[[fault:nsfw]]",
    "processing, then canceled": "[[fault:canceled]]",
}


@pytest.fixture
def jobs(stage: Stage) -> dict[str, str]:
    """Bring jobs into each state that a restore may find them in."""
    made = {name: accepted(stage, f"{NO_WEBHOOK} {fate}") for name, fate in EARLIER.items()}
    stage.settle()
    assert stage.world.act("delete", made["deleted"]).status == 204
    stage.world.redis.delete("replicate:pace")
    made |= {name: accepted(stage, f"{NO_WEBHOOK} {fate}") for name, fate in UNFINISHED.items() if name != "queued"}
    made["queued"] = accepted(stage, f"{NO_WEBHOOK} {UNFINISHED['queued']}")
    return made


def states(stage: Stage, jobs: dict[str, str]) -> dict[str, str]:
    found = {name: stage.world.records.find_any(job_id) for name, job_id in jobs.items()}
    return {name: str(job.status) for name, job in found.items() if job}


def everything(stage: Stage, jobs: dict[str, str]) -> dict[str, object]:
    """Read what must be the same before and after: the ends, the files, and what Replicate was asked for."""
    created = {name: stage.world.created(job_id)["created"] for name, job_id in jobs.items()}
    return {"ends": states(stage, jobs), "files": sorted(stage.world.cloud.keys()), "created": created}


@pytest.mark.parametrize("outage", [timedelta(0), timedelta(minutes=20), timedelta(hours=3)])
def test_a_restore_pays_nothing_twice_and_loses_nothing(
    stage: Stage, jobs: dict[str, str], outage: timedelta, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot, logged = take_snapshot(stage), capsys.readouterr().out
    stage.settle()
    before = everything(stage, jobs)
    stage.pass_time(outage)
    capsys.readouterr()  # what is lost with the rows is logged again
    restore(stage, snapshot)
    stage.settle()
    assert everything(stage, jobs) == before
    assert broken(stage, logged + capsys.readouterr().out) == []


def test_jobs_to_which_nothing_happened_since_are_sent_once(
    stage: Stage, jobs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    restore(stage, take_snapshot(stage))
    assert states(stage, jobs)["queued"] == "submitting"
    stage.settle()
    assert {name: stage.world.created(job_id)["created"] for name, job_id in jobs.items()} == dict.fromkeys(jobs, 1)
    assert states(stage, jobs)["queued"] == states(stage, jobs)["not taken, answer lost"] == "completed"
    assert broken(stage, capsys.readouterr().out) == []


def test_jobs_that_were_accepted_since_are_gone_and_their_results_are_no_fault(stage: Stage) -> None:
    snapshot = take_snapshot(stage)
    lost_id = accepted(stage)
    stage.settle()
    assert restore(stage, snapshot) == {lost_id}
    stage.world.check()
    assert stage.world.status(lost_id).status == 404
    stage.settle()


def test_a_status_of_before_the_restore_is_not_shown_as_newer(stage: Stage) -> None:
    job_id = accepted(stage, f"{NO_WEBHOOK} [[fault:nsfw]]")
    snapshot = take_snapshot(stage)
    stage.replicate_ends()
    stage.pass_time(AN_HOUR / 6)
    stage.world.check()
    assert stage.world.settled(job_id).status is Status.FAILED
    tag = stage.world.status(job_id).headers["etag"]
    restore(stage, snapshot)
    stage.world.check()
    for _ in ("the cache is outdated", "and is filled again"):
        answer = stage.world.status(job_id, if_none_match=tag)
        assert (answer.status, answer.body["status"], answer.body["stale"]) == (200, "processing", False)
    stage.redis.flushall()
    assert stage.world.status(job_id).body["status"] == "processing"  # the job table is outdated as well


def test_media_of_before_the_restore_is_never_erased(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    job_id = accepted(stage)
    snapshot = take_snapshot(stage)
    stage.settle()
    files = stage.world.cloud.keys()
    restore(stage, snapshot)
    canceled = Change("canceled_by_client", cost=Decimal(0), error=failure("canceled"))
    assert stage.world.records.move(job_id, Status.CANCELED, canceled, now=stage.now())
    stage.settle()
    assert len(files) == 3
    assert stage.world.cloud.keys() == files
    assert '"action": "media.kept"' in capsys.readouterr().out


def test_without_a_new_epoch_a_queued_job_is_paid_twice(stage: Stage) -> None:
    """What docs/operating.md warns of, and the reason for `renew_epoch`."""
    job_id = accepted(stage, f"{NO_WEBHOOK} {UNFINISHED['queued']}")
    snapshot = take_snapshot(stage)
    stage.pass_time(AN_HOUR / 60)
    stage.world.pump("submissions")
    assert stage.world.created(job_id)["created"] == 1
    restore(stage, snapshot, renewed=False)
    stage.pass_time(AN_HOUR / 4)
    stage.world.check()
    stage.world.pump("submissions")
    stage.replicate_ends()
    assert stage.world.created(job_id)["billable"] == 2


def test_without_a_new_epoch_media_is_erased_once_replicate_has_deleted_its_own(stage: Stage) -> None:
    job_id = accepted(stage)
    snapshot = take_snapshot(stage)
    stage.settle()
    assert len(stage.world.cloud.keys()) == 3
    stage.pass_time(AN_HOUR * 3)
    restore(stage, snapshot, renewed=False)
    stage.settle()
    assert stage.world.job(job_id).status is Status.FAILED
    assert stage.world.cloud.keys() == []


def test_a_mark_without_its_commit_says_that_the_epoch_was_not_renewed(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = accepted(stage)
    snapshot = take_snapshot(stage)
    stage.settle()
    restore(stage, snapshot, renewed=False)
    stage.settle()
    assert stage.world.job(job_id).status is Status.COMPLETED  # the mark of before stopped nothing
    assert '"action": "epoch.not_renewed"' in capsys.readouterr().out

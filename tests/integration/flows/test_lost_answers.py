"""A create call's answer is lost, so the job may be paid or not. It is never resubmitted on a guess."""

import pytest

from integration.flows.cloud import TOKEN
from integration.flows.containers import new_container
from integration.flows.world import World
from mediagen.jobs.state import Status

ACCEPTED_BUT_CUT = "[[fault:cut-after-accept]]"


@pytest.mark.parametrize(
    "fault", ["cut-after-accept", "cut-before-accept", "500", "502", "503", "status status=502 html=true"]
)
def test_a_lost_answer_leaves_the_job_submitting(world: World, fault: str) -> None:
    answer = world.generate(f"[[fault:webhook-missing]] [[fault:{fault}]]")
    assert (answer.status, answer.body["status"]) == (202, "submitting")
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 0)
    world.hand_over("submissions", {"jobId": answer.body["jobId"]})
    assert world.job(answer.body["jobId"]).status is Status.SUBMITTING


def test_the_webhook_adopts_the_prediction(world: World) -> None:
    job_id = world.accepted(ACCEPTED_BUT_CUT)
    job = world.settled(job_id)
    assert (job.status, job.replicate_id) == (Status.COMPLETED, world.prediction(job_id).id)
    assert world.reasons(job_id) == ["accepted", "submit", "result_arrived", "succeeded"]
    assert world.created(job_id) == {"created": 1, "billable": 1}


@pytest.mark.parametrize("more", ["", "[[fault:list-without-webhook on=list-item]]"], ids=["listed", "read one by one"])
def test_the_poller_adopts_a_prediction_that_runs(world: World, more: str) -> None:
    job_id = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:never-finishes]] {more}")
    world.overdue(job_id)
    assert world.check()["overdue"] == 1
    job = world.job(job_id)
    assert (job.status, job.replicate_id) == (Status.PROCESSING, world.prediction(job_id).id)
    assert world.reasons(job_id)[-1] == "found_at_replicate"
    assert world.status(job_id).body["status"] == "processing"


def test_the_poller_finds_a_result_whose_webhook_was_also_lost(world: World) -> None:
    job_id = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:webhook-missing]]")
    world.ended_at_replicate(job_id)
    world.overdue(job_id)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.created(job_id) == {"created": 1, "billable": 1}


def test_the_poller_looks_through_every_page_of_the_list(world: World) -> None:
    job_id = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:never-finishes]]")
    for _ in range(world.replicate.settings.page_size + 1):
        world.accepted("[[fault:never-finishes]]")
    world.overdue(job_id)
    world.check()
    assert world.job(job_id).status is Status.PROCESSING


@pytest.mark.parametrize("fault", ["500 times=1", "cut-before-accept times=1"])
def test_a_job_whose_absence_is_proven_is_sent_again_and_paid_once(world: World, fault: str) -> None:
    job_id = world.accepted(f"[[fault:{fault}]]")
    world.overdue(job_id)
    world.check()
    assert world.job(job_id).status is Status.SUBMITTING  # one reading proves nothing
    world.looked_for_in_vain(job_id)
    assert world.job(job_id).status is Status.QUEUED
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.reasons(job_id)[2:4] == ["absence_proven", "submit"]
    assert world.created(job_id) == {"created": 1, "billable": 1}


@pytest.mark.parametrize("fault", ["500", "cut-before-accept", "429"])
def test_a_list_that_cannot_be_read_proves_nothing(world: World, fault: str) -> None:
    job_id = world.accepted("[[fault:cut-after-accept]] [[fault:webhook-missing]]")
    world.replicate.simulator.add_faults({"fault": fault, "on": "list"})
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.job(job_id).status is Status.SUBMITTING
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 0)


def test_a_list_that_breaks_off_in_the_middle_proves_nothing(world: World) -> None:
    job_id = world.accepted("[[fault:cut-after-accept]] [[fault:never-finishes]]")
    for _ in range(world.replicate.settings.page_size):
        world.accepted("[[fault:never-finishes]]")
    world.replicate.simulator.add_faults({"fault": "slow", "seconds": 0, "on": "list", "times": 1})
    world.replicate.simulator.add_faults({"fault": "500", "on": "list"})
    world.overdue(job_id)
    world.check()
    assert world.job(job_id).status is Status.SUBMITTING


@pytest.mark.parametrize(
    "faults",
    [
        "[[fault:list-lag]]",
        "[[fault:list-without-webhook on=list-item]] [[fault:404 on=get]]",
        "[[fault:webhook-removed]]",
    ],
    ids=["the list lags", "no webhook in the list and not found", "webhook removed with the data"],
)
def test_a_prediction_that_is_not_seen_is_not_paid_twice(world: World, faults: str) -> None:
    job_id = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:webhook-missing]] {faults}")
    prediction = world.ended_at_replicate(job_id)
    if "removed" in faults:
        world.replicate.simulator.remove_data(prediction)
    world.overdue(job_id)
    world.check()
    if "lag" in faults:
        prediction.faults["list-lag"]["seconds"] = 0  # within the five minutes
    world.looked_for_in_vain(job_id)
    world.pump()
    assert world.created(job_id) == {"created": 1, "billable": 1}
    if "lag" not in faults:
        assert world.job(job_id).status is Status.SUBMITTING
        world.overdue_for_long(job_id)
        world.check()
        job = world.job(job_id)
        assert (job.status, job.error and job.error.code) == (Status.FAILED, "outcome_unknown")


def test_a_token_of_another_account_sends_no_job_again(world: World) -> None:
    job_id = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:webhook-missing]]")
    world.overdue(job_id)
    world.check()  # a reading of the right account
    for route in ("account", "list", "get"):
        world.replicate.simulator.add_faults({"fault": "other-account", "on": route})
    second = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:webhook-missing]]")
    for _ in range(2):
        world.looked_for_in_vain(second)
    assert world.job(second).status is Status.SUBMITTING
    assert world.created(second) == {"created": 1, "billable": 1}


def test_a_job_that_was_sent_with_another_token_is_not_sent_again(world: World) -> None:
    own, other = world.replicate.settings.accounts
    world.accepted()
    world.cloud.secret(TOKEN, other.token)
    new_container()
    job_id = world.accepted(f"{ACCEPTED_BUT_CUT} [[fault:webhook-missing]]")
    world.cloud.secret(TOKEN, own.token)  # the poller has never seen the other account
    new_container()
    world.overdue(job_id)
    for _ in range(2):
        world.looked_for_in_vain(job_id)
    world.pump()
    world.cloud.first_secret(TOKEN, own.token)
    assert world.created(job_id) == {"created": 1, "billable": 1}
    assert world.job(job_id).status is Status.SUBMITTING


def test_an_absent_job_past_its_deadline_fails_and_is_not_sent(world: World) -> None:
    job_id = world.accepted("[[fault:500]]")
    world.overdue(job_id, deadline_passed=True)
    world.check()
    world.looked_for_in_vain(job_id)
    job = world.job(job_id)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "deadline_exceeded")
    assert world.created(job_id)["created"] == 0

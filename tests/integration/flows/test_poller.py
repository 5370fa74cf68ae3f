"""Lost webhooks: the poller completes the job through the same queues, or fails it after its deadline."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from check_replicate_status.repairing import MARK
from integration.aws.scripted import THROTTLED, Script, answering
from integration.conftest import Logged
from integration.flows.cloud import TABLE
from integration.flows.world import World
from integration.wire import closed_port
from mediagen.jobs.state import Status
from mediagen.times import utc_now


def test_a_job_without_a_webhook_is_completed(world: World) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    world.ended_at_replicate(job_id)
    assert world.check()["overdue"] == 0  # not yet
    world.overdue(job_id)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.status(job_id).body["status"] == "completed"


def test_a_job_that_still_runs_is_left_alone_and_looked_at_again(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    world.overdue(job_id)
    before = world.job(job_id)
    assert (world.check()["overdue"], world.check()["overdue"]) == (1, 0)
    assert replace(world.job(job_id), logged_percent=None) == before


@pytest.mark.parametrize("fault", ["never-starts", "never-finishes"])
def test_a_job_past_its_deadline_is_canceled_at_replicate_and_fails(world: World, fault: str) -> None:
    job_id = world.accepted(f"[[fault:{fault}]]")
    world.overdue(job_id, deadline_passed=True)
    world.check()
    job = world.job(job_id)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "deadline_exceeded")
    assert world.prediction(job_id).status == "canceled"
    assert job.cost == job.estimated_cost  # Replicate charges it
    assert world.status(job_id).body["error"]["code"] == "deadline_exceeded"


def test_the_webhook_of_the_upstream_cancel_does_not_change_the_end(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    world.overdue(job_id, deadline_passed=True)
    world.check()
    ended, prediction = world.job(job_id), world.prediction(job_id)
    message = {"jobId": job_id, "prediction": {"id": prediction.id, "status": "canceled"}}
    assert world.hand_over("webhooks", message)
    assert world.job(job_id) == ended


def test_a_result_that_was_ready_before_the_deadline_is_kept(world: World) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    world.ended_at_replicate(job_id)
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED


def test_a_result_is_kept_although_replicate_still_calls_it_running_at_the_deadline(world: World) -> None:
    job_id = world.accepted("[[fault:get-stale seconds=3600]] [[fault:webhook-missing]]")
    world.ended_at_replicate(job_id)
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED


def test_a_cancel_that_fails_does_not_keep_the_job_open(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    world.replicate.simulator.add_faults({"fault": "500", "on": "cancel"})
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.job(job_id).status is Status.FAILED


def test_while_replicate_does_not_answer_nothing_is_decided(world: World, restart: Callable[..., None]) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    restart(REPLICATE_BASE_URL=f"http://127.0.0.1:{closed_port()}/v1")
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.job(job_id).status is Status.PROCESSING


def test_one_404_does_not_fail_a_running_job_whose_result_arrives_later(world: World) -> None:
    job_id = world.accepted("[[fault:takes seconds=1]]")
    world.replicate.simulator.add_faults({"fault": "404", "on": "get", "times": 1})
    world.overdue(job_id)
    world.check()
    assert world.job(job_id).status is Status.PROCESSING
    assert world.settled(job_id).status is Status.COMPLETED


def test_a_job_whose_prediction_is_lost_fails_an_hour_after_its_deadline(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    world.replicate.simulator.reset()
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.job(job_id).status is Status.PROCESSING
    world.overdue_for_long(job_id)
    world.check()
    job = world.job(job_id)
    assert (job.status, job.error and job.error.code, job.cost) == (Status.FAILED, "outcome_unknown", Decimal(0))


def test_a_result_that_can_never_be_processed_still_fails_the_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_more: object) -> None:
        raise TypeError("a mistake of ours")

    monkeypatch.setattr("process_webhook.flow.ending", broken)
    job_id = world.accepted("[[fault:webhook-missing]]")
    world.ended_at_replicate(job_id)
    world.overdue(job_id)
    world.check()
    assert not world.hand_over("webhooks", world.take("webhooks"))
    world.overdue_for_long(job_id)
    world.check()
    job = world.job(job_id)
    assert (job.status, job.error and job.error.code, job.cost) == (Status.FAILED, "media_expired", Decimal(0))


def test_a_result_replicate_has_deleted_is_media_expired(world: World) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    world.replicate.simulator.remove_data(world.ended_at_replicate(job_id))
    world.overdue(job_id)
    world.check()
    job = world.settled(job_id)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "media_expired")


def test_a_queued_job_whose_message_was_lost_is_sent(world: World) -> None:
    job_id = world.accepted("[[fault:429 retry_after=600 times=1]]")
    world.resumed()
    world.overdue(job_id)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.created(job_id) == {"created": 1, "billable": 1}


def test_a_queued_job_past_its_deadline_fails(world: World) -> None:
    job_id = world.accepted("[[fault:429 retry_after=600]]")
    world.overdue(job_id, deadline_passed=True)
    world.check()
    assert world.job(job_id).status is Status.FAILED


def test_a_result_that_waits_for_half_an_hour_is_in_danger_and_counted(world: World, logged: Logged) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    assert prediction.completed_at is not None
    prediction.completed_at -= timedelta(minutes=31)
    world.overdue(job_id)
    assert world.check()["inDanger"] == 1
    [done] = [line for line in logged() if line["action"] == "check.done"]
    assert (done["JobsInDanger"], done["JobsOverdue"]) == (1, 1)


def test_missing_items_of_the_job_table_are_backfilled(world: World, restart: Callable[..., None]) -> None:
    restart(AWS_ENDPOINT_URL_DYNAMODB=f"http://127.0.0.1:{closed_port()}")
    job_id = world.accepted("[[fault:never-finishes]]")
    assert world.cloud.item(job_id) is None
    restart(AWS_ENDPOINT_URL_DYNAMODB="")
    assert world.check()["repaired"] == 0  # the writers may still be at work
    world.sql.run("UPDATE jobs SET updated_at = updated_at - interval '1 minute'")
    assert world.check()["repaired"] == 1
    item = world.cloud.item(job_id)
    assert item is not None
    assert item["status"] == {"S": "processing"}
    assert world.check()["repaired"] == 0


@pytest.mark.parametrize("how", ["gone", "throttled"])
def test_an_hours_outage_of_the_job_table_is_backfilled(
    world: World, restart: Callable[..., None], logged: Logged, how: str
) -> None:
    world.check()
    with answering(Script([THROTTLED])) as throttling:
        restart(AWS_ENDPOINT_URL_DYNAMODB=throttling if how == "throttled" else f"http://127.0.0.1:{closed_port()}")
        missed = [world.accepted("[[fault:failed]]") for _ in range(2)]
        for job_id in missed:
            world.settled(job_id)
        world.check()
    assert {line["part"] for line in logged() if line["action"] == "degraded"} == {"job_table"}
    restart(AWS_ENDPOINT_URL_DYNAMODB="")
    world.sql.run("UPDATE jobs SET updated_at = updated_at - interval '50 minutes'")
    table, mark = world.cloud.client("dynamodb"), {"jobId": {"S": MARK[0]}, "timestamp": {"S": MARK[1]}}
    an_hour_ago = {":then": {"N": str(int((utc_now() - timedelta(hours=1)).timestamp() * 1000))}}
    table.update_item(
        TableName=TABLE, Key=mark, UpdateExpression="SET revision = :then", ExpressionAttributeValues=an_hour_ago
    )
    assert world.check()["repaired"] == 2
    items = [world.cloud.item(job_id) for job_id in missed]
    assert [item and item["status"] for item in items] == [{"S": "failed"}] * 2
    assert world.check()["repaired"] == 0


def test_one_job_that_makes_trouble_does_not_stop_the_others(world: World) -> None:
    trouble, other = (world.accepted("[[fault:webhook-missing]]") for _ in range(2))
    for job_id in (trouble, other):
        world.ended_at_replicate(job_id)
        world.overdue(job_id)
    world.prediction(trouble).status = "a status of the future"
    world.check()
    assert world.settled(other).status is Status.COMPLETED
    assert world.job(trouble).status is Status.PROCESSING


def test_jobs_without_an_answer_in_time_are_left_for_the_next_run(world: World) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    world.ended_at_replicate(job_id)
    world.replicate.simulator.add_faults({"fault": "slow", "seconds": 2, "on": "get", "times": 1})
    world.overdue(job_id)
    world.check(seconds_left=11)  # a quarter is kept for other work, and eight seconds for the next steps
    assert world.cloud.waiting(world.queues["webhooks"]) == (0, 0)
    world.overdue(job_id)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED

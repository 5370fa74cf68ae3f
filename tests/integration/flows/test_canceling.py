"""A client cancels a job: in the queue, at Replicate, and for good."""

from decimal import Decimal

import pytest

from cancel_job.handler import lambda_handler as cancel_job
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from integration.waiting import eventually
from mediagen.jobs.state import Status
from mediagen.times import iso

CUT = "[[fault:cut-after-accept]]"


def cancel(world: World, job_id: str, user_id: str | None = None) -> Answer:
    user = world.user_id if user_id is None else user_id
    path = {"jobId": job_id}
    event = http_event("POST /jobs/{jobId}/cancel", f"/jobs/{job_id}/cancel", path=path, user_id=user)
    return Answer.read(cancel_job(event, Context(15)))


def canceled(world: World, job_id: str) -> None:
    answer = cancel(world, job_id)
    assert (answer.status, answer.body["status"]) == (200, "canceled"), answer.body
    assert world.status(job_id).body["status"] == "canceled"
    item = world.cloud.item(job_id)
    assert item is not None and item["status"] == {"S": "canceled"}


@pytest.mark.parametrize("fault", ["never-starts", "never-finishes"])
def test_a_running_job_is_canceled_here_and_at_replicate(world: World, fault: str) -> None:
    job_id = world.accepted(f"[[fault:{fault}]]")
    canceled(world, job_id)
    assert world.prediction(job_id).status == "canceled"
    assert world.reasons(job_id)[-1] == "canceled_by_client"


def test_a_late_webhook_does_not_reopen_a_canceled_job(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    canceled(world, job_id)
    before = world.job(job_id)
    for status in ("succeeded", "canceled", "failed"):
        late = {"id": world.prediction(job_id).id, "status": status, "output": ["https://replicate.delivery/a.webp"]}
        assert world.hand_over("webhooks", {"jobId": job_id, "prediction": late})
    assert world.job(job_id) == before
    assert world.count("media_outputs") == 0


def test_a_queued_job_that_is_canceled_is_never_sent(world: World) -> None:
    job_id = world.accepted("[[fault:429 retry_after=1 times=1]]")
    canceled(world, job_id)
    assert world.hand_over("submissions", {"jobId": job_id})
    assert world.created(job_id) == {"created": 0, "billable": 0}
    assert (world.job(job_id).status, world.job(job_id).cost) == (Status.CANCELED, Decimal(0))


def test_an_unrecorded_prediction_is_found_and_stopped(world: World) -> None:
    job_id = world.accepted(f"{CUT} [[fault:never-finishes]]")
    assert world.job(job_id).status is Status.SUBMITTING
    sent_at = iso(world.job(job_id).updated_at)
    canceled(world, job_id)
    assert world.prediction(job_id).status in ("starting", "processing")
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 1)
    assert world.hand_over("submissions", {"jobId": job_id, "sentAt": sent_at})  # delayed in the queue
    assert world.prediction(job_id).status == "canceled"
    assert world.job(job_id).status is Status.CANCELED


def test_while_replicate_cannot_be_searched_the_message_is_retried(world: World) -> None:
    job_id = world.accepted(f"{CUT} [[fault:never-finishes]]")
    message = {"jobId": job_id, "sentAt": iso(world.job(job_id).updated_at)}
    canceled(world, job_id)
    world.replicate.simulator.add_faults({"fault": "500", "on": "list", "times": 1})
    assert not world.hand_over("submissions", message)
    assert world.hand_over("submissions", message)
    assert world.prediction(job_id).status == "canceled"


def test_a_result_that_is_about_to_be_stored_is_kept(world: World) -> None:
    job_id = world.accepted()
    world.ended_at_replicate(job_id)
    answer = cancel(world, job_id)
    assert (answer.status, answer.body["code"], answer.body["jobStatus"]) == (409, "job_finished", "processing")
    assert world.settled(job_id).status is Status.COMPLETED


def test_canceling_a_terminal_job_is_a_409_with_its_status(world: World) -> None:
    job_id = world.accepted()
    before = world.settled(job_id)
    answer = cancel(world, job_id)
    assert (answer.status, answer.headers["content-type"]) == (409, "application/problem+json")
    assert (answer.body["jobId"], answer.body["jobStatus"], answer.body["status"]) == (job_id, "completed", 409)
    assert world.job(job_id) == before


def test_a_failed_cancel_at_replicate_changes_nothing_and_can_be_retried(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    world.replicate.simulator.add_faults({"fault": "500", "on": "cancel", "times": 1})
    answer = cancel(world, job_id)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert world.job(job_id).status is Status.PROCESSING
    canceled(world, job_id)


def test_another_users_job_is_not_canceled(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    answer = cancel(world, job_id, "0198c0de-0000-4000-8000-000000000009")
    assert (answer.status, answer.body["code"]) == (404, "job_not_found")
    assert world.job(job_id).status is Status.PROCESSING
    assert world.prediction(job_id).status not in ("canceled",)


def test_the_poller_leaves_a_canceled_job_alone(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    canceled(world, job_id)
    eventually(lambda: world.prediction(job_id).status == "canceled", "the end at Replicate")
    assert world.check()["overdue"] == 0

"""Results that are too large for API Gateway and Lambda, or for an SQS message."""

import json

import pytest

from integration.flows.world import World
from integration.waiting import eventually
from mediagen.jobs.state import Status

SQS_BYTES = 256 * 1024


def delivered(world: World, job_id: str) -> set[int | None]:
    """Deliver a job's final webhook until Replicate's retries stop; return the answers."""
    prediction = world.ended_at_replicate(job_id)
    webhooks = world.replicate.simulator.webhooks
    eventually(lambda: webhooks.deliveries and not webhooks.is_owed(prediction), "the last attempt of the webhook")
    return {delivery.status for delivery in webhooks.deliveries}


@pytest.mark.parametrize("kilobytes", [7_000, 11_000], ids=["for Lambda", "for API Gateway"])
def test_the_poller_finds_a_result_whose_webhook_aws_refuses(world: World, kilobytes: int) -> None:
    job_id = world.accepted(f"[[fault:long-logs kilobytes={kilobytes}]]")
    assert delivered(world, job_id) == {413}
    assert world.cloud.waiting(world.queues["webhooks"]) == (0, 0)
    world.overdue(job_id)
    world.check()
    assert world.settled(job_id).status is Status.COMPLETED
    assert world.created(job_id) == {"created": 1, "billable": 1}
    assert max(len(json.dumps(message)) for message in world.processed) < SQS_BYTES


def test_a_result_just_below_the_limit_comes_by_webhook_and_fits_into_a_message(world: World) -> None:
    job_id = world.accepted("[[fault:long-logs kilobytes=5500]]")
    assert delivered(world, job_id) == {202}
    assert world.settled(job_id).status is Status.COMPLETED
    assert max(len(json.dumps(message)) for message in world.processed) < SQS_BYTES

"""Replicate deleted the output before it was copied: the job fails with that reason, is free, and raises an alarm."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from integration.conftest import Logged
from integration.flows.test_limits import PRICE, set_limits, usage
from integration.flows.world import World
from mediagen.jobs.state import Status

FREE = Decimal(0)


def the_file_is_gone(world: World) -> str:
    """Deliver the webhook while the file host no longer has the file."""
    return world.accepted("[[fault:output-gone]]")


def the_prediction_is_emptied(world: World) -> str:
    """Deliver no webhook, and let the poller find that Replicate's hour is over."""
    job_id = world.accepted("[[fault:webhook-missing]]")
    world.ended_at_replicate(job_id).data_removed = True
    world.overdue(job_id)
    return job_id


def the_result_was_read_too_late(world: World) -> str:
    """Make the result so large that it is read from Replicate, which has emptied it meanwhile."""
    job_id = world.accepted("[[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    prediction.data_removed = True
    message = {"jobId": job_id, "fetch": True, "prediction": {"id": prediction.id, "status": "succeeded"}}
    assert world.hand_over("webhooks", message)
    return job_id


@pytest.mark.parametrize("lost", [the_file_is_gone, the_prediction_is_emptied, the_result_was_read_too_late])
def test_an_expired_result_fails_the_job_releases_the_budget_once_and_alarms(
    world: World, logged: Logged, lost: Callable[[World], str]
) -> None:
    set_limits(world, monthlyBudget=PRICE)
    job_id = lost(world)
    world.check()
    job = world.settled(job_id)
    assert (job.status, job.cost, job.error and job.error.code) == (Status.FAILED, FREE, "media_expired")
    told = world.status(job_id).body
    assert (told["cost"], told["error"]["code"], told["error"]["retryable"]) == (0, "media_expired", True)
    assert world.cloud.keys(f"images/{world.user_id}") == []
    for message in world.processed:  # it is delivered twice
        assert world.hand_over("webhooks", message)
    world.check()
    assert [line["action"] for line in logged() if line.get("MediaExpired")] == ["job.failed"]
    assert world.reasons(job_id).count("media_expired") == 1
    budget, [line] = usage(world).body["budget"], usage(world).body["usage"]
    assert (budget["spent"], budget["reserved"], budget["remaining"]) == (0, 0, PRICE)
    assert (line["jobs"], line["failed"], line["cost"]) == (1, 1, 0)
    assert world.settled(world.accepted()).status is Status.COMPLETED  # the whole budget is available again

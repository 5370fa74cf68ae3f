"""A link in the params that Replicate cannot read fails the job, which is free and does not count against the model."""

from decimal import Decimal

import pytest
from redis import Redis

from integration.flows.world import World
from mediagen.jobs.state import Status


@pytest.mark.parametrize("path", ["/files/none/boat.png", "/v1/account"])
def test_a_link_that_replicate_cannot_use_fails_the_job_free_of_charge(
    world: World, redis_client: Redis, path: str
) -> None:
    job_id = world.accepted(model="video/stability-video", input_image=f"{world.replicate.url}{path}")
    job = world.settled(job_id)
    assert job.error
    assert (job.status, job.error.code, job.cost) == (Status.FAILED, "input_unreadable", Decimal(0))
    assert world.replicate.simulator.report()["jobs"][job_id]["dollars"] == "0.000000"
    assert not redis_client.exists("models:health:video:stability-video")

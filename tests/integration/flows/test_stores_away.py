"""A store is down: without PostgreSQL no job is accepted; without any other store the jobs go on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.conftest import Logged
from integration.flows.cloud import DATABASE
from integration.flows.world import World
from integration.waiting import eventually
from integration.wire import at_port, closed_port, counting_proxy
from mediagen.jobs.state import Status

NO_DATABASE, NO_REDIS = "/vsl-test/no-database", "/vsl-test/no-redis"


@pytest.fixture
def away(world: World, restart: Callable[..., None]) -> Callable[[str], None]:
    """Make one store unavailable for the functions."""
    world.cloud.parameter(NO_DATABASE, f"postgresql://a:b@127.0.0.1:{closed_port()}/c?sslmode=disable")
    world.cloud.parameter(NO_REDIS, f"redis://127.0.0.1:{closed_port()}/0")
    changes = {
        "postgresql": {"DATABASE_URL_PARAMETER": NO_DATABASE},
        "redis": {"REDIS_URL_PARAMETER": NO_REDIS},
        "dynamodb": {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{closed_port()}"},
        "s3": {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{closed_port()}"},
        "parameters": {"AWS_ENDPOINT_URL_SSM": f"http://127.0.0.1:{closed_port()}"},
    }
    return lambda store: restart(**changes[store])


@pytest.mark.parametrize("store", ["postgresql", "parameters"])
def test_without_postgresql_nothing_is_accepted_and_replicate_is_not_called(
    world: World, away: Callable[[str], None], store: str
) -> None:
    away(store)
    answer = world.generate()
    assert (answer.status, answer.body["code"], answer.body["retryable"]) == (503, "unavailable", True)
    assert int(answer.headers["retry-after"]) > 0
    assert world.replicate.simulator.report()["created"] == 0


@pytest.mark.parametrize("store", ["redis", "dynamodb"])
def test_without_a_faster_store_a_job_is_accepted_and_finished(
    world: World, away: Callable[[str], None], logged: Logged, store: str
) -> None:
    away(store)
    job_id = world.accepted()
    assert world.settled(job_id).status is Status.COMPLETED
    shown = world.status(job_id)
    assert (shown.status, shown.body["status"], len(shown.body["outputs"])) == (200, "completed", 3)
    part = {"redis": "cache", "dynamodb": "job_table"}[store]
    degraded = [line for line in logged() if line["action"] == "degraded"]
    assert {(line["metadata"]["part"], line["Degraded"]) for line in degraded} == {(part, 1)}


def test_without_both_faster_stores_a_status_is_still_answered(world: World, away: Callable[[str], None]) -> None:
    away("redis")
    away("dynamodb")
    job_id = world.accepted("[[fault:never-finishes]]")
    assert world.status(job_id).body["status"] == "processing"


def test_without_redis_no_request_is_limited(
    world: World, away: Callable[[str], None], restart: Callable[..., None]
) -> None:
    away("redis")
    restart(RATE_LIMIT_PER_HOUR="1")
    answers = [world.generate("[[fault:never-finishes]]") for _ in range(3)]
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert not any("ratelimit" in name for answer in answers for name in answer.headers)


def test_without_s3_the_result_is_retried_soon_and_stored_later(
    world: World, away: Callable[[str], None], restart: Callable[..., None], logged: Logged
) -> None:
    job_id = world.accepted()
    away("s3")
    failed = eventually(lambda: world.pump("webhooks"), "the first try")
    assert (len(failed), world.job(job_id).status) == (1, Status.PROCESSING)
    restart(AWS_ENDPOINT_URL_S3="")
    # five seconds, not the queue's thirty, because all retries must fit into Replicate's hour
    assert world.settled(job_id).status is Status.COMPLETED
    [told] = [line for line in logged() if line["action"] == "unexpected_error"]
    assert told["metadata"]["receives"] == 1


@pytest.mark.parametrize("store", ["postgresql", "parameters"])
def test_without_postgresql_a_result_is_not_lost(world: World, away: Callable[[str], None], store: str) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    away(store)
    message = {"jobId": job_id, "prediction": {"id": prediction.id, "status": "succeeded", "output": None}}
    assert not world.hand_over("webhooks", message)


def test_a_job_is_not_lost_if_postgresql_fails_during_the_create_call(
    world: World, instance_url: str, restart: Callable[..., None]
) -> None:
    with counting_proxy(instance_url) as proxy:
        world.cloud.parameter(NO_DATABASE, at_port(instance_url, proxy.port))
        restart(DATABASE_URL_PARAMETER=NO_DATABASE)
        pool = ThreadPoolExecutor(1)
        asked = pool.submit(world.generate, "[[fault:slow seconds=1]]")
        eventually(lambda: world.replicate.simulator.report()["created"], "the prediction")
    # new connections are refused, and existing ones are cut
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    world.sql.run(f"{others} AND pid <> pg_backend_pid()")
    answer = asked.result()
    pool.shutdown()
    assert (answer.status, answer.body["status"]) == (202, "submitting")
    restart(DATABASE_URL_PARAMETER=DATABASE)
    job = world.settled(answer.body["jobId"])
    assert (job.status, world.created(job.id)) == (Status.COMPLETED, {"created": 1, "billable": 1})

"""A deleted job is invisible in every store, and late writers do not bring it back."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from delete_job.flow import Ports, delete_job
from integration.conftest import Logged
from integration.flows.cloud import BUCKET
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from integration.waiting import eventually
from integration.wire import at_port, closed_port
from list_jobs.handler import lambda_handler as list_jobs
from mediagen.http.edge import Request
from mediagen.jobs.ids import created_at
from mediagen.jobs.state import Status
from mediagen.jobs.transition import STORING
from mediagen.lifecycle.erase import AGAIN_IN
from mediagen.records.deletions import DeletionRecords
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring.clients import job_records, projection
from mediagen.wiring.erase import ErasingSettings as Settings
from mediagen.wiring.erase import deletion_records, erasing_ports

SECRET = "ein geheimes Boot"


def folder(world: World, job_id: str) -> str:
    return f"images/{world.user_id}/{created_at(job_id):%Y/%m/%d}/{job_id}/"


def listed(world: World) -> list[str]:
    event = http_event("GET /jobs", "/jobs", user_id=world.user_id)
    return [job["jobId"] for job in Answer.read(list_jobs(event, Context(10))).body["jobs"]]


def finished(world: World, prompt: str = SECRET) -> str:
    job_id = world.accepted(prompt)
    assert world.settled(job_id).status is Status.COMPLETED
    return job_id


def is_gone(world: World, job_id: str, redis_client: Redis) -> None:
    """Check that no store shows anything of the job."""
    for _ in ("from the cache", "from the job table or PostgreSQL"):
        assert (world.status(job_id).status, world.status(job_id).body["code"]) == (404, "job_not_found")
        redis_client.delete(f"job:status:{job_id}")
    assert job_id not in listed(world)
    for action in ("cancel", "retry"):
        assert (world.act(action, job_id).status, world.act(action, job_id).body["code"]) == (404, "job_not_found")
    assert world.cloud.versions(folder(world, job_id)) == world.cloud.versions(f"temp/{job_id}/") == []


def test_a_deleted_job_is_removed_from_every_store_and_kept_in_the_accounting(
    world: World, redis_client: Redis
) -> None:
    job_id = finished(world)
    world.cloud.client("s3").put_object(Bucket=BUCKET, Key=f"temp/{job_id}/part", Body=b"x")
    before = world.job(job_id)
    assert len(world.cloud.versions(folder(world, job_id))) >= 3
    answer = world.act("delete", job_id)
    assert (answer.status, answer.body) == (204, None)
    is_gone(world, job_id, redis_client)
    item = world.cloud.item(job_id)
    assert item is not None and set(item) == {"jobId", "timestamp", "revision", "deleted", "expiresAt"}
    kept = world.records.find_any(job_id)
    assert kept is not None
    assert (kept.user_id, kept.model_id, kept.status, kept.cost) == (
        before.user_id, before.model_id, before.status, before.cost,
    )  # fmt: skip
    assert (kept.params, kept.metadata, kept.outputs) == ({}, {}, ())
    rows = world.sql.run("SELECT to_jsonb(jobs) FROM jobs UNION ALL SELECT to_jsonb(job_events) FROM job_events")
    assert SECRET not in json.dumps(rows)


def test_deletion_is_idempotent_and_never_reaches_another_users_job(world: World) -> None:
    job_id = finished(world)
    for _ in ("before", "after"):
        answer = world.act("delete", job_id, str(uuid4()))
        assert (answer.status, answer.body["code"]) == (404, "job_not_found")
        assert [world.act("delete", job_id).status for _ in range(2)] == [204, 204]


def test_a_running_job_is_kept_until_it_is_canceled(world: World, redis_client: Redis) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    answer = world.act("delete", job_id)
    assert (answer.status, answer.body["code"], answer.body["jobStatus"]) == (409, "job_running", "processing")
    assert world.act("cancel", job_id).status == 200
    assert world.act("delete", job_id).status == 204
    is_gone(world, job_id, redis_client)


def test_a_late_webhook_brings_nothing_back(world: World, redis_client: Redis, logged: Logged) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")
    prediction = world.prediction(job_id).id
    assert world.act("cancel", job_id).status == 200
    assert world.act("delete", job_id).status == 204
    redis_client.flushall()  # also the mark that the prediction was processed
    for status in ("succeeded", "canceled", "failed"):
        late = {"id": prediction, "status": status, "output": ["https://replicate.delivery/a.webp"]}
        assert world.hand_over("webhooks", {"jobId": job_id, "prediction": late})
        redis_client.flushall()
    assert world.hand_over("submissions", {"jobId": job_id})
    is_gone(world, job_id, redis_client)
    assert not [line for line in logged() if line["action"] == "webhook.unknown_job"]


def test_a_late_or_backfilled_projection_does_not_show_a_deleted_job(world: World, redis_client: Redis) -> None:
    """A container that read the job before its deletion writes a projection afterwards."""
    job_id = finished(world)
    before = world.job(job_id)
    assert world.act("delete", job_id).status == 204
    settings = read_settings(Settings)
    projection(settings.job_table, settings.redis_url).show(before)
    assert world.status(job_id).status == 404
    redis_client.flushall()
    assert world.status(job_id).status == 404
    world.sql.run("UPDATE jobs SET updated_at = now() - interval '1 minute'")
    assert world.check()["repaired"] == 0
    is_gone(world, job_id, redis_client)


def test_media_that_is_stored_after_the_deletion_is_found_by_the_poller(world: World) -> None:
    """The job was canceled and deleted while process_webhook was copying its media."""
    job_id = world.accepted("[[fault:never-finishes]]")
    assert world.act("cancel", job_id).status == 200
    assert world.act("delete", job_id).status == 204
    late = folder(world, job_id) + "original.webp"
    world.cloud.client("s3").put_object(Bucket=BUCKET, Key=late, Body=b"x")
    world.check()
    assert world.cloud.versions(late) == [late]  # not due yet
    world.sql.run(
        "UPDATE jobs SET erase_at = now(), completed_at = completed_at - CAST(:storing AS interval)", storing=STORING
    )
    world.check()
    assert world.cloud.versions(late) == []
    assert world.sql.run("SELECT erase_at FROM jobs") == [[None]]


@pytest.mark.parametrize("away", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_a_partial_deletion_hides_the_job_and_a_later_run_removes_the_rest(
    world: World, restart: Callable[..., None], redis_client: Redis, away: str
) -> None:
    jobs = [finished(world) for _ in range(2)]
    restart(**{away: f"http://127.0.0.1:{closed_port()}"})
    for job_id in jobs:
        answer = world.act("delete", job_id)
        assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
        assert world.status(job_id).status == 404
        assert SECRET not in json.dumps(world.sql.run("SELECT params FROM jobs WHERE id = :id", id=job_id))
    restart(**{away: world.cloud.aws.endpoints["AWS_ENDPOINT_URL"]})
    assert world.act("delete", jobs[0]).status == 204
    world.sql.run("UPDATE jobs SET erase_at = now() WHERE id = :id", id=jobs[1])
    world.check()
    for job_id in jobs:
        is_gone(world, job_id, redis_client)


def test_without_the_cache_a_job_is_deleted_all_the_same(
    world: World, restart: Callable[..., None], redis: str, redis_client: Redis
) -> None:
    job_id = finished(world)
    world.cloud.parameter("/vsl-test/no-redis", at_port(redis, closed_port()))
    restart(REDIS_URL_PARAMETER="/vsl-test/no-redis")
    assert world.act("delete", job_id).status == 204
    assert world.status(job_id).status == 404


def test_the_poller_finishes_a_deletion_that_crashed(world: World, redis_client: Redis) -> None:
    job_id = finished(world)
    now = utc_now()
    DeletionRecords(world.database).mark(job_id, world.user_id, now=now, erase_at=now + AGAIN_IN)
    assert world.cloud.versions(folder(world, job_id)) != []
    world.sql.run("UPDATE jobs SET erase_at = now()")
    world.check()
    is_gone(world, job_id, redis_client)


def test_of_many_deletions_at_once_all_succeed(world: World, redis_client: Redis) -> None:
    job_id, barrier = finished(world), Barrier(6)

    def delete(number: int) -> int:
        settings = world.container_settings(read_settings(Settings), number)
        records = job_records(settings.database_url)
        ports = Ports(records, deletion_records(settings), erasing_ports(settings))
        request = Request({}, {"jobId": job_id}, {}, b"", world.user_id, "r")
        barrier.wait()
        return delete_job(request, now=utc_now(), ports=ports).status

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(delete, range(6))) == [204] * 6
    assert world.reasons(job_id).count("deleted_by_client") == 1
    is_gone(world, job_id, redis_client)


def test_a_repeated_request_is_answered_as_before_although_its_job_is_deleted(world: World) -> None:
    body = json.dumps({"mediaType": "image", "modelId": "flux-schnell", "prompt": SECRET}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "key 1"}
    first = world.post(body, headers=headers)
    world.settled(first.body["jobId"])
    assert world.act("delete", first.body["jobId"]).status == 204
    again = world.post(body, headers=headers)
    assert (again.status, again.body) == (202, first.body)
    assert world.count("jobs") == 1


def test_a_long_poll_returns_when_the_job_is_deleted(world: World) -> None:
    job_id = world.accepted("[[fault:never-finishes]]")

    def wait() -> Any:
        return world.status(job_id, query="?wait=10")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        eventually(waiting.running, "the wait")
        world.sql.run(
            "UPDATE jobs SET status = 'canceled', completed_at = now(), next_check_at = NULL, revision = revision + 1"
        )
        now = utc_now()
        marked = DeletionRecords(world.database).mark(job_id, world.user_id, now=now, erase_at=now)
        assert marked is not None
        settings = read_settings(Settings)
        projection(settings.job_table, settings.redis_url).hide(marked.job, now)
        assert waiting.result().status == 404

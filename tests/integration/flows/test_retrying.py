"""A client retries a job; notes and deadlines are copied."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

from integration.flows.cloud import DATABASE
from integration.flows.containers import accepting_container
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from list_jobs.handler import lambda_handler as list_jobs
from mediagen.http.edge import Request
from mediagen.jobs.state import Status
from mediagen.settings import StoreUrl
from mediagen.times import utc_now
from mediagen.wiring.clients import job_records
from retry_job.flow import Ports, retry_job

NOTES = {"order": "7 \u0001 <&> 🍏", "count": 3, "share": 0.25, "tiny": 1e-200, "vip": True}
FAILING = "[[fault:failed times=1]]"
ENDLESS = "[[fault:never-finishes]]"


def noted(world: World, prompt: str = FAILING, **more: object) -> str:
    body = {"mediaType": "image", "modelId": "flux-schnell", "params": {"prompt": prompt, "seed": 7}} | more
    answer = world.post(json.dumps(body | {"metadata": NOTES, "deadlineSeconds": 120}).encode())
    assert answer.status == 202, answer.body
    return str(answer.body["jobId"])


def test_notes_are_shown_in_status_and_lists_from_every_store(world: World) -> None:
    job_id = noted(world)
    world.settled(job_id)
    assert world.status(job_id).body["metadata"] == NOTES  # from the cache
    assert world.job(job_id).metadata == NOTES
    item = world.cloud.item(job_id)
    assert item is not None and json.loads(item["metadata"]["S"]) == NOTES
    event = http_event("GET /jobs", "/jobs", user_id=world.user_id)
    [listed] = Answer.read(list_jobs(event, Context(10))).body["jobs"]
    assert (listed["metadata"], listed["retryOf"]) == (NOTES, None)


def test_replicate_is_given_the_deadline_and_no_notes(world: World) -> None:
    prediction = world.prediction(noted(world, ENDLESS))
    assert set(prediction.input) == {"prompt", "seed"}
    assert timedelta(seconds=115) < (prediction.lifetime or timedelta(0)) <= timedelta(seconds=120)


def test_a_failed_job_is_retried_as_a_new_one(world: World) -> None:
    old = noted(world)
    before = world.settled(old)
    assert before.status is Status.FAILED
    answer = world.act("retry", old)
    new = answer.body["jobId"]
    assert (answer.status, answer.headers["location"]) == (202, f"/status/{new}")
    made = world.settled(new)
    assert (made.params, made.metadata, made.retry_of) == (before.params, NOTES, old)
    assert made.deadline_at - made.created_at == before.deadline_at - before.created_at
    assert world.job(old) == before
    shown = world.status(new).body
    assert (shown["retryOf"], shown["metadata"]) == (old, NOTES)
    assert answer.body["expiresAt"] == shown["expiresAt"]


def test_a_job_that_runs_is_not_retried(world: World) -> None:
    job_id = noted(world, ENDLESS)
    answer = world.act("retry", job_id)
    assert (answer.status, answer.body["code"], answer.body["jobStatus"]) == (409, "job_running", "processing")
    assert world.act("cancel", job_id).status == 200
    assert world.act("retry", job_id).status == 202


def test_another_users_job_is_not_found(world: World) -> None:
    job_id = noted(world)
    world.settled(job_id)
    answer = world.act("retry", job_id, str(uuid4()))
    assert (answer.status, answer.body["code"]) == (404, "job_not_found")
    assert world.count("jobs") == 1


def test_the_retry_of_a_job_that_is_deleted_later_goes_on_and_says_what_it_repeats(world: World) -> None:
    old = noted(world)
    world.settled(old)
    new = world.act("retry", old, idempotency_key="key 1")
    assert world.act("delete", old).status == 204
    assert world.status(new.body["jobId"]).body["retryOf"] == old
    again = world.act("retry", old, idempotency_key="key 1")
    assert (again.status, again.body) == (202, new.body)
    other = world.act("retry", old, idempotency_key="key 2")
    assert (other.status, other.body["code"]) == (404, "job_not_found")


def test_of_many_retries_at_once_with_one_key_one_makes_a_job(world: World) -> None:
    old = noted(world)
    world.settled(old)
    barrier = Barrier(8)

    def retry(number: int) -> object:
        accepting = accepting_container(world, number, limit=100)
        request = Request({"idempotency-key": "key 1"}, {"jobId": old}, {}, b"", world.user_id, "r")
        barrier.wait()
        records = job_records(StoreUrl(parameter=f"{DATABASE}-{number}"))
        return retry_job(request, now=utc_now(), ports=Ports(records, accepting)).body

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(retry, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert world.count("jobs") == 2
    assert world.created(answers[0]["jobId"])["created"] == 1  # type: ignore[index]

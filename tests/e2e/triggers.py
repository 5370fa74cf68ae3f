"""Triggers of each function, as in production: a client, Replicate, a queue, the schedule, a deployer.

A trigger returns the status of the answer, if a caller waits for one. A trigger that tests a permission goes through
every store, so that several permissions of a function can use it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from redis import Redis

from e2e.parts import AUDIO, IMAGE, VIDEO, Platform, until
from e2e.roles import client, renew
from e2e.webhooks import prediction, signed
from mediagen.access.api_keys import new_key
from mediagen.jobs.ids import new_job_id
from mediagen.times import utc_now

REQUESTS: dict[str, dict[str, Any]] = {"image": IMAGE, "video": VIDEO, "audio": AUDIO}
NO_WEBHOOK = "[[fault:webhook-missing]]"  # so that no work continues in the background
QUEUES = ("submissions", "webhooks", "callbacks")


@dataclass(frozen=True)
class Stage:
    """A platform with a user of its own, and a completed job of each media type."""

    platform: Platform
    user_id: str
    finished: dict[str, dict[str, Any]]

    def clear(self) -> None:
        """Finish all work: no message and no unfinished job remains."""
        for name in QUEUES:
            client(self.platform, "sqs").purge_queue(QueueUrl=self.platform.environment.outputs["queue_urls"][name])
        end = "UPDATE jobs SET status = 'canceled', completed_at = now(), next_check_at = NULL"
        self.platform.sql(f"{end} WHERE user_id = :user AND completed_at IS NULL", user=self.user_id)


type Trigger = Callable[[Stage], int | None]


def set_up(platform: Platform) -> Stage:
    """Create the user and the completed jobs."""
    user_id = platform.deployer.manage_access("create-user", name="permissions")["userId"]
    key = platform.deployer.manage_access("create-key", userId=user_id)["apiKey"]
    own = Platform(platform.cloud, replace(platform.environment, api_key=key))
    own.control("POST", "faults", {"fault": "takes", "seconds": 0.05})
    jobs = {kind: own.start(told(own, request)) for kind, request in REQUESTS.items()}
    return Stage(own, user_id, {kind: own.finished(job_id) for kind, job_id in jobs.items()})


def a_new_client(stage: Stage) -> int:
    """Send a request with a key for which the API has no cached verdict."""
    environment = replace(stage.platform.environment, api_key=new_key("vsl_local"))
    return Platform(stage.platform.cloud, environment).client.get("/status/x").status


def a_throttled_request(stage: Stage) -> int:
    """Request an image that Replicate throttles, first for `generate_media` and then for `submit_job`."""
    prompt = f"[[fault:429 retry_after=1 times=2]] {NO_WEBHOOK}"
    return stage.platform.client.post("/generate-media", IMAGE | {"prompt": prompt}).status


def a_batch(stage: Stage) -> int:
    """Request an image in a batch while the cache lacks the database's model configurations."""
    with Redis.from_url(stage.platform.environment.url("redis")) as redis:
        redis.delete("models:config:v1")
    return stage.platform.client.post("/batches", {"requests": [IMAGE | {"prompt": NO_WEBHOOK}]}).status


def a_webhook(stage: Stage) -> int:
    job_id = new_job_id(utc_now())
    body = json.dumps(prediction(job_id)).encode()
    headers = signed(stage.platform.environment.webhook_secret, body)
    return stage.platform.webhook(body, headers, f"?jobId={job_id}").status


@cache
def a_result(kind: str) -> Trigger:
    """Complete a job of this media type."""

    def trigger(stage: Stage) -> None:
        stage.platform.start(REQUESTS[kind])

    return named(f"a_result_{kind}", trigger)


def a_large_result(stage: Stage) -> None:
    """Complete a job whose output does not fit in a message, so that it is read from Replicate again."""
    parameters = {"output_format": "wav"}
    stage.platform.start(AUDIO | {"params": parameters, "prompt": "[[fault:output-data-uri]]"})


@cache
def a_bad_message(queue: str) -> Trigger:
    """Put an invalid message into a queue."""

    def trigger(stage: Stage) -> None:
        url = stage.platform.environment.outputs["queue_urls"][queue]
        client(stage.platform, "sqs").send_message(QueueUrl=url, MessageBody="{}")

    return named(f"a_bad_message_{queue}", trigger)


def a_status_only_postgresql_knows(stage: Stage) -> int:
    """Read a status that the cache and the job table have lost."""
    job_id = _forget_in_table(stage)
    with Redis.from_url(stage.platform.environment.url("redis")) as redis:
        redis.delete(f"job:status:{job_id}")
    return stage.platform.client.get(f"/status/{job_id}").status


def the_jobs(stage: Stage) -> int:
    return stage.platform.client.get("/jobs").status


def the_batch(stage: Stage) -> int:
    """Request a batch that does not exist."""
    return stage.platform.client.get(f"/batches/{new_job_id(utc_now())}").status


def the_models(stage: Stage) -> int:
    """List the models while the cache lacks the database's model configurations."""
    with Redis.from_url(stage.platform.environment.url("redis")) as redis:
        redis.delete("models:config:v1")
    return stage.platform.client.get("/models").status


def _cancel(prompt: str) -> Callable[[Stage], int]:
    def cancel(stage: Stage) -> int:
        job_id = stage.platform.start(IMAGE | {"prompt": f"{prompt} {NO_WEBHOOK}"})
        return stage.platform.client.post(f"/jobs/{job_id}/cancel", b"").status

    return cancel


a_cancel_of_a_waiting_job = _cancel("[[fault:429 retry_after=300 times=1]]")
a_cancel_of_a_job_in_doubt = _cancel("[[fault:cut-after-accept]] [[fault:never-finishes]]")
a_cancel_of_a_running_job = _cancel("[[fault:never-finishes]]")


def a_throttled_retry(stage: Stage) -> int:
    """Retry a canceled job that Replicate throttles again."""
    job_id = stage.platform.start(IMAGE | {"prompt": f"[[fault:429 retry_after=1 times=2]] {NO_WEBHOOK}"})
    stage.platform.client.post(f"/jobs/{job_id}/cancel", b"")
    stage.platform.end_pause()
    return stage.platform.client.post(f"/jobs/{job_id}/retry", b"").status


def a_deletion(stage: Stage) -> int:
    job_id = stage.platform.generate(IMAGE)["jobId"]
    return stage.platform.client.request("DELETE", f"/jobs/{job_id}").status


def a_deletion_cut_short(stage: Stage) -> int:
    """Let the poller find a job that is marked as deleted but not yet erased."""
    job_id = stage.platform.generate(IMAGE)["jobId"]
    stage.platform.sql("UPDATE jobs SET deleted_at = now(), erase_at = now() WHERE id = :id", id=job_id)
    return deployed("check_replicate_status")(stage)


def the_usage(stage: Stage) -> int:
    """Request the user's usage."""
    return stage.platform.client.get("/usage").status


def a_deep_check(stage: Stage) -> int:
    """Run a deep health check in a container without cached results."""
    renew(stage.platform, "check_health")
    return stage.platform.client.get("/health?deep=1").status


@cache
def a_link(kind: str) -> Trigger:
    """Follow the link to a file of this media type."""

    def trigger(stage: Stage) -> int:
        outputs = stage.platform.status(stage.finished[kind]["jobId"])["outputs"]
        link = next(output["url"] for output in outputs if output["kind"] == "original")
        return stage.platform.client.get(link).status

    return named(f"a_link_{kind}", trigger)


def the_schedule(stage: Stage) -> int:
    """Run the poller for a job whose message was lost, one whose webhook was lost, and one missing in the job table."""
    platform = stage.platform
    unreported = platform.start(IMAGE | {"prompt": NO_WEBHOOK})
    until(lambda: _has_ended_at_replicate(platform, unreported), "the end of the generation")
    queued = platform.start(IMAGE | {"prompt": f"[[fault:429 retry_after=300 times=1]] {NO_WEBHOOK}"})
    platform.end_pause()
    platform.sql("UPDATE jobs SET next_check_at = now() WHERE id IN (:one, :two)", one=queued, two=unreported)
    make_due(stage, "image", "1 minute")
    platform.sql("UPDATE jobs SET updated_at = now() - interval '1 minute' WHERE id = :id", id=_forget_in_table(stage))
    return deployed("check_replicate_status")(stage)


@cache
def deployed(function: str, **event: object) -> Callable[[Stage], int]:
    """Invoke a function directly; return 200 if it succeeded, and 500 if it failed."""

    def trigger(stage: Stage) -> int:
        name = stage.platform.environment.outputs["function_names"][function]
        payload = json.dumps(event).encode()
        answer = client(stage.platform, "lambda").invoke(FunctionName=name, Qualifier="live", Payload=payload)
        return 500 if answer.get("FunctionError") else 200

    return named(function, trigger)


def _forget_in_table(stage: Stage) -> str:
    """Delete the completed image from the job table; return its job id."""
    document, outputs = stage.finished["image"], stage.platform.environment.outputs
    key = {"jobId": {"S": document["jobId"]}, "timestamp": {"S": document["createdAt"]}}
    client(stage.platform, "dynamodb").delete_item(TableName=outputs["job_table"], Key=key)
    return str(document["jobId"])


def told(platform: Platform, request: dict[str, Any], prompt: str | None = None) -> dict[str, Any]:
    """Return a callback to an address where usually no server listens."""
    wanted = request | {"callbackUrl": f"{platform.environment.callback_origin}/vsl"}
    return wanted if prompt is None else wanted | {"prompt": prompt}


def make_due(stage: Stage, kind: str, since: str) -> None:
    """Reset the callback of a completed job to the state before its first attempt."""
    ours = "SELECT id FROM callbacks WHERE job_id = :id"
    job_id, sql = stage.finished[kind]["jobId"], stage.platform.sql
    sql(f"DELETE FROM callback_tries WHERE callback_id IN ({ours})", id=job_id)
    due = f"tries = 0, leased_until = NULL, next_try_at = now() - interval '{since}'"
    sql(f"UPDATE callbacks SET state = 'pending', {due} WHERE job_id = :id", id=job_id)


def _has_ended_at_replicate(platform: Platform, job_id: str) -> bool:
    predictions = platform.control("GET", "predictions")["predictions"]
    return any(found["job"] == job_id and found["status"] == "succeeded" for found in predictions)


def named[T: Callable[..., Any]](name: str, trigger: T) -> T:
    trigger.__name__ = name
    return trigger

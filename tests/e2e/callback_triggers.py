"""Triggers of the functions that deliver callbacks."""

import json
from functools import cache

from e2e.parts import IMAGE, until
from e2e.receiver import receiver
from e2e.roles import client
from e2e.triggers import NO_WEBHOOK, Stage, Trigger, make_due, named, told


def a_refused_request(stage: Stage) -> int:
    """Request a generation that Replicate refuses at once, so that `generate_media` fails the job."""
    return stage.platform.client.post("/generate-media", told(stage.platform, IMAGE, "[[fault:422]]")).status


def a_refused_retry(stage: Stage) -> int:
    """Retry a job that Replicate refuses at once."""
    refused = stage.platform.client.post("/generate-media", told(stage.platform, IMAGE, "[[fault:422]]")).json()
    return stage.platform.client.post(f"/jobs/{refused['jobId']}/retry", b"").status


def a_late_job(stage: Stage) -> None:
    """Let a job's deadline pass while the job waits in the queue."""
    job_id = stage.platform.start(told(stage.platform, IMAGE, f"[[fault:429 retry_after=2 times=1]] {NO_WEBHOOK}"))
    stage.platform.sql("UPDATE jobs SET deadline_at = now() - interval '1 second' WHERE id = :id", id=job_id)


def a_result_to_tell(stage: Stage) -> None:
    """Complete a job that has a callback."""
    stage.platform.start(told(stage.platform, IMAGE))


def a_cancel_to_tell(stage: Stage) -> int:
    """Cancel a job that has a callback."""
    job_id = stage.platform.start(told(stage.platform, IMAGE, f"[[fault:never-finishes]] {NO_WEBHOOK}"))
    return stage.platform.client.post(f"/jobs/{job_id}/cancel", b"").status


def a_callback_nobody_takes(stage: Stage) -> None:
    """Let an attempt fail, so that the next one is put into the queue."""
    _send(stage, "image")


@cache
def a_link_that_was_told(kind: str) -> Trigger:
    """Follow the link from a callback."""

    def trigger(stage: Stage) -> int:
        with receiver(stage.platform) as got:
            _send(stage, kind)
            outputs = json.loads(got.arrived(stage.finished[kind]["jobId"])[1])["outputs"]
        link = next(output["url"] for output in outputs if output["kind"] == "original")
        return stage.platform.client.get(link).status

    return named(f"a_link_that_was_told_{kind}", trigger)


def the_secrets(stage: Stage) -> int:
    """Request the signing secrets of callbacks."""
    return stage.platform.client.get("/callback-secret").status


def a_delivery_on_demand(stage: Stage) -> int:
    make_due(stage, "image", "0 seconds")
    return stage.platform.client.post(f"/jobs/{stage.finished['image']['jobId']}/deliveries", b"").status


def _send(stage: Stage, kind: str) -> None:
    """Make a callback due and put it into the queue."""
    until(lambda: stage.platform.messages("callbacks") == 0, "the callbacks queue is empty")
    make_due(stage, kind, "0 seconds")
    url = stage.platform.environment.outputs["queue_urls"]["callbacks"]
    body = json.dumps({"jobId": stage.finished[kind]["jobId"]})
    client(stage.platform, "sqs").send_message(QueueUrl=url, MessageBody=body)

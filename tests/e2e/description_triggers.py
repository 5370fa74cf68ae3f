"""Triggers that make functions read a job's metadata.json: a PostgreSQL restore, or a race of two workers."""

import json
from functools import cache

from e2e.parts import IMAGE
from e2e.roles import client
from e2e.triggers import NO_WEBHOOK, Stage, Trigger, deployed, named
from mediagen.jobs.ids import created_at
from mediagen.media.keys import METADATA_NAME, job_folder


@cache
def a_restored_job(kind: str) -> Trigger:
    """Let the poller check a job that predates a restore and whose folder has a description."""

    def trigger(stage: Stage) -> int:
        start_described_job(stage, kind)
        stage.platform.sql("SELECT renew_epoch()")
        return deployed("check_replicate_status")(stage)

    return named(f"a_restored_job_{kind}", trigger)


@cache
def a_described_result(kind: str) -> Trigger:
    """Deliver the result of a job whose folder already has a description."""

    def trigger(stage: Stage) -> None:
        job_id = start_described_job(stage, kind)
        prediction = {"id": f"described-{job_id}", "status": "succeeded", "output": "a poem"}
        stage.platform.sql("UPDATE jobs SET replicate_id = :id WHERE id = :job", id=prediction["id"], job=job_id)
        url = stage.platform.environment.outputs["queue_urls"]["webhooks"]
        message = json.dumps({"jobId": job_id, "prediction": prediction})
        client(stage.platform, "sqs").send_message(QueueUrl=url, MessageBody=message)

    return named(f"a_described_result_{kind}", trigger)


def start_described_job(stage: Stage, kind: str) -> str:
    """Start a job whose folder has a description that another worker wrote."""
    platform = stage.platform
    job_id = platform.start(IMAGE | {"prompt": f"[[fault:never-finishes]] {NO_WEBHOOK}"})
    # The video model has no prompt that could name a fault.
    platform.sql("UPDATE jobs SET media_type = :kind WHERE id = :id", kind=kind, id=job_id)
    folder = job_folder(kind, user_id=stage.user_id, job_id=job_id, created_at=created_at(job_id))  # type: ignore[arg-type]
    bucket = platform.environment.outputs["media_bucket"]
    client(platform, "s3").put_object(Bucket=bucket, Key=folder + METADATA_NAME, Body=b"{}")
    return job_id

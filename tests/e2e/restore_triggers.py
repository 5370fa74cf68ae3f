"""What makes the poller look into the media bucket: a restore of PostgreSQL."""

from functools import cache

from e2e.parts import IMAGE
from e2e.roles import client
from e2e.triggers import NO_WEBHOOK, Stage, Trigger, deployed, named
from mediagen.jobs.ids import created_at
from mediagen.media.keys import METADATA_NAME, job_folder


@cache
def a_restored_job(kind: str) -> Trigger:
    """Let the poller look after a job of before a restore whose folder has a description, which is not ours here."""

    def trigger(stage: Stage) -> int:
        platform = stage.platform
        job_id = platform.start(IMAGE | {"prompt": f"[[fault:never-finishes]] {NO_WEBHOOK}"})
        # The video model takes no prompt that could name a fault.
        platform.sql("UPDATE jobs SET media_type = :kind WHERE id = :id", kind=kind, id=job_id)
        folder = job_folder(kind, user_id=stage.user_id, job_id=job_id, created_at=created_at(job_id))  # type: ignore[arg-type]
        bucket = platform.environment.outputs["media_bucket"]
        client(platform, "s3").put_object(Bucket=bucket, Key=folder + METADATA_NAME, Body=b"{}")
        platform.sql("SELECT renew_epoch()")
        return deployed("check_replicate_status")(stage)

    return named(f"a_restored_job_{kind}", trigger)

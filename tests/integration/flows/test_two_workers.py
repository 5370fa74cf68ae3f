"""Two workers store one result at the same time: whichever commits, S3's metadata.json is the recorded one."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from integration.flows import cloud as names
from integration.flows.world import World
from mediagen.aws.limits import UPLOAD, Limits
from mediagen.aws.media_bucket import MediaBucket
from mediagen.jobs.state import Status
from mediagen.media.keys import METADATA_NAME
from mediagen.settings import read_settings
from mediagen.times import utc_now
from process_webhook.flow import process_webhook
from process_webhook.wiring import Settings, ports


class InterruptedBucket(MediaBucket):
    """The bucket of a worker that another worker overtakes before or after it stores its description."""

    def __init__(self, bucket: MediaBucket, overtake: Callable[[], None], moment: str) -> None:
        super().__init__(bucket.aws, bucket.name)
        self.overtake = overtake
        self.moment = moment

    def put(
        self, body: bytes, key: str, *, content_type: str, disposition: str | None = None, limits: Limits = UPLOAD
    ) -> None:
        def act() -> None:
            super(InterruptedBucket, self).put(body, key, content_type=content_type, disposition=disposition)

        if key.endswith(METADATA_NAME):
            self._interrupted(act)
        else:
            act()

    def put_new(self, body: bytes, key: str, *, content_type: str, limits: Limits = UPLOAD) -> bytes:
        def act() -> bytes:
            return super(InterruptedBucket, self).put_new(body, key, content_type=content_type)

        return self._interrupted(act)

    def _interrupted[T](self, act: Callable[[], T]) -> T:
        if self.moment == "before":
            self.overtake()
        done = act()
        if self.moment == "after":
            self.overtake()
        return done


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("limits", [(64, 64), (64, 1), (1, 64)], ids=["same files", "fewer second", "fewer first"])
def test_the_description_in_the_bucket_is_the_recorded_one(world: World, limits: tuple[int, int], moment: str) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]", num_outputs=2)
    prediction = world.ended_at_replicate(job_id)
    result = {"jobId": job_id, "prediction": {"id": prediction.id, "status": "succeeded", "output": prediction.output}}

    def run(number: int, wrapped: Callable[[MediaBucket], MediaBucket]) -> None:
        settings = world.container_settings(read_settings(Settings), number)
        connected = ports(settings, lambda: 60.0, is_last_receive=False)
        bucket = MediaBucket(connected.store.bucket.aws, names.BUCKET)
        store = replace(connected.store, bucket=wrapped(bucket), max_outputs=limits[number])
        later = timedelta(seconds=number)
        process_webhook(result, clock=lambda: utc_now() + later, ports=replace(connected, store=store))

    run(0, lambda bucket: InterruptedBucket(bucket, lambda: run(1, lambda same: same), moment))
    job = world.job(job_id)
    described = job.outputs[-1]
    stored = world.cloud.client("s3").get_object(Bucket=names.BUCKET, Key=described.key)["Body"].read()
    assert (job.status, described.sha256) == (Status.COMPLETED, hashlib.sha256(stored).hexdigest())
    document = json.loads(stored)
    assert document["files"] == [output.document() for output in job.outputs[:-1]]
    assert document["leftOut"] == [left_out.document() for left_out in job.left_out]

"""A job from the request to working links: the client's view, and what each store keeps."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
import urllib3
from redis import Redis

from integration.flows.world import World
from mediagen.jobs.state import Status
from mediagen.times import iso

KINDS = {
    "video/stability-video": ("videos", ["original.mp4", "thumbnail.jpg", "preview.gif", "metadata.json"], 0.05),
    "image/flux-schnell": ("images", ["original.webp", "thumbnail.jpg", "metadata.json"], 0.003),
    "audio/musicgen": ("audio", ["original.wav", "waveform.png", "metadata.json"], 0.021),
}


def downloaded(url: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", url, retries=False)


@pytest.mark.parametrize(("model", "folder", "names", "price"), [(m, *expected) for m, expected in KINDS.items()])
def test_a_client_gets_working_links_to_all_files(
    world: World, model: str, folder: str, names: list[str], price: float
) -> None:
    answer = world.generate(model=model)
    assert answer.status == 202
    job_id = answer.body["jobId"]
    assert (answer.body["status"], answer.body["estimatedCost"]) == ("processing", price)
    assert answer.headers["location"] == f"/status/{job_id}"

    running = world.status(job_id)
    assert (running.status, running.body["status"]) == (200, "processing")
    assert 2 <= int(running.headers["retry-after"]) <= 30

    job = world.settled(job_id)
    answer = world.status(job_id)
    assert (answer.status, answer.body["status"], answer.body["cost"]) == (200, "completed", price)
    assert job.cost == Decimal(world.replicate.simulator.report()["jobs"][job_id]["dollars"])
    assert {"userId", "revision", "replicateId"}.isdisjoint(answer.body)
    date = f"{job.created_at:%Y/%m/%d}"
    assert [output.key for output in job.outputs] == [
        f"{folder}/{world.user_id}/{date}/{job_id}/{name}" for name in names
    ]
    for output in answer.body["outputs"]:
        file = downloaded(output["url"])
        assert (file.status, file.headers["Content-Type"]) == (200, output["contentType"])
        assert (len(file.data), hashlib.sha256(file.data).hexdigest()) == (output["bytes"], output["sha256"])


def test_a_job_is_paid_once_and_its_file_is_fetched_without_the_token(world: World) -> None:
    job_id = world.accepted()
    world.settled(job_id)
    assert world.created(job_id) == {"created": 1, "billable": 1}
    assert world.replicate.simulator.report()["file_requests"] == {"count": 1, "with_authorization": 0}


def test_every_store_has_the_same_terminal_state(world: World, redis_client: Redis) -> None:
    job_id = world.accepted()
    job = world.settled(job_id)
    kept: Any = redis_client.get(f"job:status:{job_id}")
    item = world.cloud.item(job_id)
    assert item is not None
    assert json.loads(kept) == job.document()
    assert (item["status"], item["timestamp"]) == ({"S": "completed"}, {"S": iso(job.created_at)})
    assert item["replicateId"] == {"S": job.replicate_id}
    assert redis_client.ttl(f"webhook:processed:{job.replicate_id}") == 7200
    assert world.reasons(job_id) == ["accepted", "submit", "accepted_by_replicate", "succeeded"]


def test_the_metadata_tell_how_the_files_came_to_be(world: World) -> None:
    job_id = world.accepted("ein Boot auf dem See", seed=7)
    job = world.settled(job_id)
    [link] = [output["url"] for output in world.status(job_id).body["outputs"] if output["kind"] == "metadata"]
    metadata = json.loads(downloaded(link).data)
    assert metadata["prompt"] == "ein Boot auf dem See"
    assert metadata["params"] == {"prompt": "ein Boot auf dem See", "seed": 7}
    assert (metadata["cost"], metadata["replicateId"]) == (0.003, job.replicate_id)
    assert metadata["metrics"]["image_count"] == 1
    assert [file["key"] for file in metadata["files"]] == [output.key for output in job.outputs[:-1]]
    assert metadata["startedAt"] <= metadata["completedAt"] <= metadata["storedAt"]


def test_several_outputs_are_numbered(world: World) -> None:
    job = world.settled(world.accepted(num_outputs=3))
    names = [output.key.rpartition("/")[2] for output in job.outputs]
    originals = ["original.webp", "original-2.webp", "original-3.webp"]
    assert [name for name in names if name.startswith("original")] == originals
    assert [name for name in names if name.startswith("thumb")] == [
        "thumbnail.jpg", "thumbnail-2.jpg", "thumbnail-3.jpg"
    ]  # fmt: skip
    assert sorted(world.cloud.keys(job.outputs[0].key.rpartition("/")[0])) == sorted(o.key for o in job.outputs)


def test_the_size_and_the_length_of_a_video_are_known(world: World) -> None:
    job = world.settled(world.accepted(model="video/stability-video"))
    original = job.outputs[0]
    assert (original.width, original.height, original.duration_seconds) == (512, 288, 1.0)
    assert job.status is Status.COMPLETED

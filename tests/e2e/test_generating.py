"""A client's view from the request to the files."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import imageio_ffmpeg
import pytest

from e2e.parts import AUDIO, IMAGE, VIDEO, Platform

type Save = Callable[[str], Path]


def decodes(path: Path) -> bool:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("request_body", "kinds"),
    [
        (VIDEO, {"original", "thumbnail", "preview", "metadata"}),
        (IMAGE, {"original", "thumbnail", "metadata"}),
        (AUDIO, {"original", "waveform", "metadata"}),
    ],
    ids=["video", "image", "audio"],
)
def test_a_job_ends_with_valid_files_behind_signed_links(
    platform: Platform, saved: Save, request_body: dict[str, Any], kinds: set[str]
) -> None:
    document = platform.generate(request_body)
    assert document["status"] == "completed", document
    assert {output["kind"] for output in document["outputs"]} == kinds
    for output in document["outputs"]:
        path = saved(output["url"])
        assert path.stat().st_size == output["bytes"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == output["sha256"]
        if output["kind"] == "metadata":
            assert json.loads(path.read_text())["jobId"] == document["jobId"]
        else:
            assert decodes(path)
    shutil.rmtree(path.parent)


def test_a_job_goes_through_the_states_and_is_the_same_in_every_store(platform: Platform) -> None:
    document = platform.generate(IMAGE)
    job_id = document["jobId"]
    assert platform.events(job_id) == ["queued", "submitting", "processing", "completed"]
    assert platform.predictions_of(job_id) == 1
    [[status, cost]] = platform.sql("SELECT status, cost FROM jobs WHERE id = :id", id=job_id)
    assert (status, float(cost)) == ("completed", document["cost"])
    table = platform.environment.outputs["job_table"]
    query = {":job": {"S": job_id}}
    dynamodb = platform.deployer.aws.client("dynamodb")
    items = dynamodb.query(TableName=table, KeyConditionExpression="jobId = :job", ExpressionAttributeValues=query)[
        "Items"
    ]
    assert [item["status"]["S"] for item in items] == ["completed"]
    bucket = platform.environment.outputs["media_bucket"]
    listed = platform.deployer.aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    keys = {entry["Key"] for entry in listed if job_id in entry["Key"]}
    rows = platform.sql("SELECT key FROM media_outputs WHERE job_id = :id", id=job_id)
    assert keys == {row[0] for row in rows}


def test_several_outputs_are_stored_and_numbered(platform: Platform) -> None:
    params = {"prompt": "three lighthouses", "num_outputs": 3}
    document = platform.generate({"mediaType": "image", "modelId": "flux-schnell", "params": params})
    names = [urlsplit(output["url"]).path.rpartition("/")[2] for output in document["outputs"]]
    assert [name for name in names if name.startswith("original")] == [
        "original.webp",
        "original-2.webp",
        "original-3.webp",
    ]
    assert {"thumbnail.jpg", "thumbnail-2.jpg", "thumbnail-3.jpg"} < set(names)


def test_the_answer_says_how_to_follow_the_job(platform: Platform) -> None:
    response = platform.client.post("/generate-media", IMAGE)
    body = response.json()
    assert response.status == 202
    assert response.headers["location"] == body["statusUrl"] == f"/status/{body['jobId']}"
    assert int(response.headers["retry-after"]) > 0
    assert body["estimatedTime"] > 0 and body["estimatedCost"] > 0
    platform.finished(body["jobId"])


def test_a_signed_link_reads_one_object_and_nothing_else(platform: Platform) -> None:
    document = platform.generate(IMAGE)
    link = next(output["url"] for output in document["outputs"] if output["kind"] == "original")
    assert platform.client.get(link.replace("original", "thumbnail")).status == 403
    assert platform.client.get(link.partition("?")[0]).status == 403

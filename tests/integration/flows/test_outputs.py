"""All shapes of an output, and the files that are rejected."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from integration.conftest import Logged
from integration.flows.world import World
from mediagen.jobs.state import Status

SHAPES = {
    "output-object": 1,
    "output-object-list": 1,
    "output-data-uri": 1,
    "output-many count=2": 2,
    "output-octet-stream": 1,
    "output-octet-stream type=text/html": 1,
    "output-blob megabytes=1 length=chunked": 1,
    "output-blob megabytes=1 length=close": 1,
}
LARGE = "output-blob megabytes=2 length="
REFUSED = {
    "output-foreign-host": "output_host_refused",
    "output-foreign-host url=http://replicate.delivery/a.png": "output_host_refused",
    "output-foreign-host url=https://replicate.delivery.example.com/a.png": "output_host_refused",
    "output-foreign-host url=https://replicate.delivery@127.0.0.1/a.png": "output_host_refused",
    "output-private-address": "output_host_refused",
    "output-private-address url=http://127.0.0.1:1/a.png": "output_host_refused",
    "output-redirect-private": "output_host_refused",
    "output-redirect-foreign": "output_host_refused",
    "output-redirect-loop": "output_host_refused",
    "output-gone": "media_expired",
    "output-html": "output_not_media",
    "output-empty": "output_not_media",
    f"{LARGE}honest": "output_too_large",
    f"{LARGE}chunked": "output_too_large",
    f"{LARGE}close": "output_too_large",
}


@pytest.mark.parametrize(("fault", "count"), SHAPES.items(), ids=list(SHAPES))
def test_every_shape_of_an_output_is_stored(world: World, fault: str, count: int) -> None:
    job = world.settled(world.accepted(f"[[fault:{fault}]]"))
    assert job.status is Status.COMPLETED
    assert [output.content_type for output in job.outputs if output.kind == "original"] == ["image/webp"] * count


@pytest.mark.parametrize(("fault", "code"), REFUSED.items(), ids=list(REFUSED))
def test_a_forbidden_file_fails_the_job_with_a_reason(
    world: World, restart: Callable[..., None], fault: str, code: str
) -> None:
    restart(MAX_OUTPUT_BYTES=str(1024 * 1024))
    job_id = world.accepted(f"[[fault:{fault}]]")
    job = world.settled(job_id)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, code)
    assert world.cloud.keys(f"images/{world.user_id}") == []
    assert world.status(job_id).body["error"]["code"] == code


ATTACHED = {
    "video.glb": (b"glTF\x02\x00\x00\x00", "model/gltf-binary", "original-2.glb"),
    "a page that runs scripts": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "original-2.svg"),
    "unknown bytes": (bytes(100), "application/octet-stream", "original-2.bin"),
}


@pytest.mark.parametrize(("content", "content_type", "name"), ATTACHED.values(), ids=list(ATTACHED))
def test_a_file_that_is_no_media_is_kept_beside_the_media_as_an_attachment(
    world: World, content: bytes, content_type: str, name: str
) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    output = {"video": prediction.output[0], "model": "data:;base64," + base64.b64encode(content).decode()}
    assert world.hand_over("webhooks", result(job_id, prediction.id, output))
    shown = world.status(job_id).body
    assert (shown["status"], shown["partial"], shown["leftOut"]) == ("completed", False, [])
    originals = [file for file in shown["outputs"] if file["kind"] == "original"]
    assert [file["contentType"] for file in originals] == ["image/webp", content_type]
    first, second = (urllib3.request("GET", file["url"]) for file in originals)
    assert "Content-Disposition" not in first.headers
    assert second.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert (second.headers["Content-Type"], second.data) == (content_type, content)


def test_the_available_part_of_a_result_is_stored_and_the_rest_is_listed(world: World) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]")
    prediction = world.ended_at_replicate(job_id)
    good = prediction.output[0]
    output = [good, good.replace("out-0", "out-9"), "https://files.example.com/a.png"]
    assert world.hand_over("webhooks", result(job_id, prediction.id, output))
    shown = world.status(job_id).body
    assert (shown["status"], shown["partial"], shown["cost"]) == ("completed", True, 0.003)
    assert [(left["position"], left["count"], left["code"]) for left in shown["leftOut"]] == [
        (2, 1, "media_expired"),
        (3, 1, "output_host_refused"),
    ]


def test_a_text_and_a_list_of_texts_are_stored(world: World) -> None:
    for text, stored in (("a poem", b"a poem"), (["a", " poem"], b'["a", " poem"]')):
        job_id = world.accepted("[[fault:webhook-missing]]")
        prediction = world.ended_at_replicate(job_id)
        assert world.hand_over("webhooks", result(job_id, prediction.id, text))
        output = world.status(job_id).body["outputs"][0]
        assert (output["kind"], output["bytes"]) == ("original", len(stored))
        assert urllib3.request("GET", output["url"]).data == stored


def test_of_several_outputs_the_refused_ones_are_left_out(world: World, logged: Logged) -> None:
    job_id = world.accepted("[[fault:webhook-missing]]", num_outputs=2)
    prediction = world.ended_at_replicate(job_id)
    first, second = prediction.output
    output = ["https://files.example.com/a.png", first, {"image": "http://169.254.169.254/"}, second, first, "a text"]
    assert world.hand_over("webhooks", result(job_id, prediction.id, output))
    job = world.job(job_id)
    originals = [file for file in job.outputs if file.kind == "original"]
    assert job.status is Status.COMPLETED
    assert [file.key.rpartition("/")[2] for file in originals] == [
        "original-2.webp",
        "original-4.webp",
        "output.json",
    ]
    assert [line["error"].split(":")[0] for line in logged() if line["action"] == "output.refused"] == [
        "output_host_refused"
    ] * 2
    [stored] = [line for line in logged() if line["action"] == "media.stored"]
    assert stored["metadata"]["leftOut"] == 2
    shown = world.status(job_id).body
    assert shown["partial"] is True
    assert [(each["position"], each["code"]) for each in shown["leftOut"]] == [
        (1, "output_host_refused"),
        (3, "output_host_refused"),
    ]


def test_a_result_too_large_for_a_message_is_read_from_replicate(world: World) -> None:
    job_id = world.accepted("[[fault:output-data-uri]]", model="audio/musicgen", duration=2)
    job = world.settled(job_id)
    assert job.status is Status.COMPLETED
    [message] = world.processed
    assert (message["fetch"], message["prediction"]["output"]) == (True, None)
    assert job.outputs[0].bytes > 150_000  # a third more in base64


def test_logs_and_input_never_go_through_the_queue(world: World) -> None:
    world.settled(world.accepted("das Geheimnis [[fault:long-logs]]"))
    [message] = world.processed
    assert {"logs", "input"}.isdisjoint(message["prediction"])
    assert "das Geheimnis" not in json.dumps(message, ensure_ascii=False)


def test_a_truncated_download_is_retried_without_a_verdict(world: World, logged: Logged) -> None:
    job_id = world.accepted("[[fault:webhook-missing]] [[fault:output-cut]]")
    prediction = world.ended_at_replicate(job_id)
    assert not world.hand_over("webhooks", result(job_id, prediction.id, prediction.output))
    assert world.job(job_id).status is Status.PROCESSING
    assert [line["error"][:17] for line in logged() if line["action"] == "unexpected_error"] == ["OutputUnavailable"]


def result(job_id: str, prediction_id: str, output: Any) -> dict[str, Any]:
    return {"jobId": job_id, "prediction": {"id": prediction_id, "status": "succeeded", "output": output}}

"""The simulator's files are real media, served as by a file host."""

import subprocess
import tracemalloc
from pathlib import Path

import pytest

from contract.simulator_client import AUDIO, FILM, IMAGE, VIDEO, SimulatorClient
from replicate_simulator.media import ffmpeg

pytestmark = pytest.mark.slow


def probe(content: bytes, folder: Path) -> str:
    """Decode a whole file with ffmpeg, which must not complain, and return its report."""
    path = folder / "media"
    path.write_bytes(content)
    command = [ffmpeg(), "-nostdin", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    text = done.stderr.decode()
    assert done.returncode == 0, text
    return text


@pytest.mark.parametrize(
    ("model", "given", "content_type", "expected"),
    [
        (VIDEO, {}, "video/mp4", ["h264", "512x288", "Duration: 00:00:02.33", "6 fps"]),
        (VIDEO, {"frames_per_second": 28, "seed": 3}, "video/mp4", ["28 fps", "Duration: 00:00:00.50"]),
        (
            VIDEO,
            {"frames_per_second": 5, "video_length": "25_frames_with_svd_xt", "motion_bucket_id": 255},
            "video/mp4",
            ["00:00:05.00", "5 fps"],
        ),
        (FILM, {"duration": 4}, "video/mp4", ["512x288", "00:00:04.0", "aac"]),
        (
            FILM,
            {"duration": 6, "aspect_ratio": "9:16", "generate_audio": False},
            "video/mp4",
            ["288x512", "00:00:06.00"],
        ),
        (IMAGE, {}, "image/webp", ["webp", "512x512"]),
        (IMAGE, {"output_format": "jpg", "aspect_ratio": "16:9"}, "image/jpeg", ["mjpeg", "512x288"]),
        (IMAGE, {"output_format": "png", "aspect_ratio": "9:21"}, "image/png", ["png", "220x512"]),
        (AUDIO, {}, "audio/wav", ["pcm_s16le", "Duration: 00:00:02.00"]),
        (AUDIO, {"output_format": "mp3", "duration": 3}, "audio/mpeg", ["mp3", "Duration: 00:00:03"]),
        (AUDIO, {"duration": 300}, "audio/wav", ["Duration: 00:00:08.00"]),
    ],
)
def test_every_kind_of_media_can_be_decoded(
    client: SimulatorClient,
    tmp_path: Path,
    model: str,
    given: dict[str, object],
    content_type: str,
    expected: list[str],
) -> None:
    output = client.finished(model=model, input=given)["output"]
    file = client.call("GET", output[0] if isinstance(output, list) else output)
    assert (file.status, file.headers["Content-Type"]) == (200, content_type)
    description = probe(file.data, tmp_path)
    assert [text for text in expected if text not in description] == []


def test_several_images_differ_and_the_same_request_makes_the_same_image(client: SimulatorClient) -> None:
    first = client.finished("four boats", input={"num_outputs": 4, "seed": 1})["output"]
    again = client.finished("four boats", input={"seed": 1})["output"]
    images = [client.call("GET", link).data for link in first]
    assert len(set(images)) > 1
    assert client.call("GET", again[0]).data == images[0]


def test_a_file_needs_no_token_and_requests_with_one_are_counted(client: SimulatorClient) -> None:
    (link,) = client.finished()["output"]
    assert client.call("GET", link, headers={"Authorization": ""}).status == 200
    client.simulator.simulator.file_requests.update(count=0, with_authorization=0)
    client.call("GET", link)
    assert client.json("GET", "/control/predictions")["file_requests"] == {
        "count": 1,
        "with_authorization": 1,
    }


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-10", 206, slice(-10, None)),
        ("bytes=10-99999999", 206, slice(10, None)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("pages=1-2", 200, slice(0, None)),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(client: SimulatorClient, header: str, status: int, part: slice) -> None:
    link = client.finished(model=AUDIO)["output"]
    whole = client.call("GET", link).data
    answer = client.call("GET", link, headers={"Range": header})
    assert (answer.status, answer.data) == (status, whole[part])
    if status == 206:
        start, stop, _ = part.indices(len(whole))
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


def test_a_head_request_returns_the_files_size(client: SimulatorClient) -> None:
    (link,) = client.finished()["output"]
    size = len(client.call("GET", link).data)
    head = client.call("HEAD", link)
    assert (head.status, head.headers["Content-Length"], head.data) == (200, str(size), b"")


@pytest.mark.parametrize("model", [VIDEO, IMAGE, AUDIO])
def test_a_padded_file_is_still_valid_media(client: SimulatorClient, tmp_path: Path, model: str) -> None:
    output = client.finished("[[fault:output-blob megabytes=1]]", model)["output"]
    file = client.call("GET", output[0] if isinstance(output, list) else output)
    assert len(file.data) == 1024 * 1024
    probe(file.data, tmp_path)


def test_a_large_file_is_streamed_without_being_held(client: SimulatorClient) -> None:
    megabytes = 200
    link = client.finished(f"[[fault:output-blob megabytes={megabytes}]]", VIDEO)["output"]
    tracemalloc.start()
    answer = client.stream(link)
    received = sum(len(piece) for piece in answer.stream(64 * 1024))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    answer.release_conn()
    assert received == megabytes * 1024 * 1024
    assert peak < 8 * 1024 * 1024

"""The demo's client, against an API that answers as it is told."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any, Self

import pytest

from local_cloud.access import Deployer
from local_cloud.api import ApiClient
from local_cloud.aws import Aws
from local_cloud.demo import IMAGE, Demo, curl_lines
from local_cloud.problems import SetupProblem
from local_cloud.progress import Progress
from local_cloud.report import files_table

JOB_ID = "01a2046a-26d8-78c1-a2ca-641c62257203"
# A GIF of one red pixel would be a video to ffmpeg; a PPM is an image.
PICTURE = b"P6 16 16 255\n" + b"\xff\x00\x00" * 256
METADATA = json.dumps({"jobId": JOB_ID}).encode()
FILES = {"original.ppm": PICTURE, "thumbnail.ppm": PICTURE, "metadata.json": METADATA}


class Api(ThreadingHTTPServer):
    """An API whose answers are set by a test; statuses are given one after the other, the last for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.accepting = 202
        self.statuses: list[dict[str, Any]] = [{"status": "queued"}, {"status": "processing"}, self.completed()]
        self.files = dict(FILES)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def completed(self) -> dict[str, Any]:
        outputs = [
            {
                "kind": name.split(".")[0],
                "url": f"{self.url}/files/{name}?signature=1",
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in FILES.items()
        ]
        return {"status": "completed", "outputs": outputs}

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(self.server.accepting, json.dumps({"jobId": JOB_ID}).encode())

    def do_GET(self) -> None:
        name = self.path.split("?")[0].rpartition("/")[2]
        if self.path.startswith("/files/"):
            content = self.server.files.get(name)
            self.answer(200 if content else 403, content or b"expired")
            return
        statuses = self.server.statuses
        self.answer(200, json.dumps(statuses.pop(0) if len(statuses) > 1 else statuses[0]).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        yield api


@pytest.fixture
def demo(api: Api, tmp_path: Path) -> Iterator[Demo]:
    with ApiClient(api.url, "key") as client:
        yield Demo(client, Deployer(Aws(api.url), {}), tmp_path, Progress(StringIO()))


def test_a_finished_job_is_saved_and_checked(demo: Demo, tmp_path: Path) -> None:
    image = demo.make(IMAGE)
    assert {file.path.name for file in image.files} == set(FILES)
    assert [file.problem for file in image.files] == ["", "", ""]
    assert image.original == tmp_path / "image-62257203" / "original.ppm"
    assert image.original.read_bytes() == PICTURE
    lines = files_table([image], tmp_path)
    assert lines[1].split() == ["image-62257203/original.ppm", "original", "781", "16x16", "ok"]


def test_a_link_that_does_not_work_is_a_problem(api: Api, demo: Demo) -> None:
    del api.files["thumbnail.ppm"]
    problems = [file.problem for file in demo.make(IMAGE).files]
    assert problems == ["", "the link answered 403", ""]


def test_a_missing_kind_of_file_is_a_problem(api: Api, demo: Demo) -> None:
    del api.statuses[-1]["outputs"][1]
    with pytest.raises(SetupProblem, match="has no thumbnail"):
        demo.make(IMAGE)


def test_a_failed_job_is_told_with_its_error(api: Api, demo: Demo) -> None:
    api.statuses = [{"status": "failed", "error": {"code": "content_refused"}}]
    with pytest.raises(SetupProblem, match=f"job {JOB_ID} failed: .*content_refused"):
        demo.make(IMAGE)


def test_a_refused_request_is_told_with_the_answer(api: Api, demo: Demo) -> None:
    api.accepting = 422
    with pytest.raises(SetupProblem, match="asking for image was answered with 422"):
        demo.make(IMAGE)


def test_a_stopped_demo_does_not_wait_for_its_jobs(api: Api, demo: Demo) -> None:
    api.statuses = [{"status": "processing"}]
    demo.stopped.set()
    with pytest.raises(SetupProblem, match="was not followed to its end"):
        demo.make(IMAGE)


def test_the_lines_to_type_name_the_real_address_job_and_link(api: Api, demo: Demo) -> None:
    key, generate, status, download = curl_lines(demo.client, "vsl_local_key", demo.make(IMAGE))
    assert key == "export VSL_API_KEY=vsl_local_key"
    assert generate.endswith(f" {api.url}/generate-media")
    assert status.endswith(f" {api.url}/status/{JOB_ID}")
    assert download == f"curl -o original.ppm '{api.url}/files/original.ppm?signature=1'"

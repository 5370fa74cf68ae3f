"""The demo's client, against an API with scripted answers."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from common.api import ApiClient
from common.deployer import Deployer
from common.problems import SetupProblem
from common.progress import Progress
from integration.common.fake_api import FILES, JOB_ID, PICTURE, Api
from local_cloud.aws import Aws
from local_cloud.demo import IMAGE, Demo, curl_lines, vsl_lines
from local_cloud.report import files_table


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
    assert problems == ["", "the link returned status 403", ""]


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
    with pytest.raises(SetupProblem, match="the request for image was answered with 422"):
        demo.make(IMAGE)


def test_a_stopped_demo_does_not_wait_for_its_jobs(api: Api, demo: Demo) -> None:
    api.statuses = [{"status": "processing"}]
    demo.stopped.set()
    with pytest.raises(SetupProblem, match=r"the wait for job .* was stopped"):
        demo.make(IMAGE)


def test_the_lines_to_type_name_the_real_address_job_and_link(api: Api, demo: Demo) -> None:
    address, key, _ = vsl_lines(api.url, "vsl_local_key")
    assert (address, key) == (f"export VSL_API_URL={api.url}", "export VSL_API_KEY=vsl_local_key")
    generate, status, download = curl_lines(demo.client, demo.make(IMAGE))
    assert generate.endswith(f" {api.url}/generate-media")
    assert status.endswith(f" {api.url}/status/{JOB_ID}")
    assert download == f"curl -o original.ppm '{api.url}/files/original.ppm?signature=1'"

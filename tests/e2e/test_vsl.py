"""The installed `vsl` command against the platform: its guide's examples, and the guarantees for scripts."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from common.media import PICTURE
from common.paths import ROOT
from e2e.parts import IMAGE, Platform
from vsl.exits import Exit

BIN = ROOT / ".venv/bin"
ENDLESS = {"prompt": "[[fault:never-finishes]]"}


def shown_in_guide() -> list[str]:
    """The guide's commands without those of its set-up."""
    block = re.search(r"```sh\n(.*?)```", (ROOT / "docs/vsl.md").read_text(), re.DOTALL)
    assert block
    return [line for line in block[1].splitlines() if line.startswith("vsl ")]


def typed(
    platform: Platform, folder: Path, command: str, *, given: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell that has only the two variables."""
    reach = {"VSL_API_URL": platform.environment.api_url, "VSL_API_KEY": platform.environment.api_key}
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "LANG": "C.UTF-8", **reach, **more}
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False
    )


def document(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("line", shown_in_guide())
def test_a_line_of_the_guide_works_as_it_stands(platform: Platform, tmp_path: Path, line: str) -> None:
    (tmp_path / "input.json").write_text(json.dumps({"input_image": PICTURE}))
    (tmp_path / "requests.jsonl").write_text(f"{json.dumps(IMAGE)}\n" * 2)
    job_id = platform.start(IMAGE | ENDLESS) if "vsl cancel" in line else platform.generate(IMAGE)["jobId"]
    done = typed(platform, tmp_path, line, JOB=job_id)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert bool(list(tmp_path.glob("out/*"))) == ("--save" in line)


def test_an_image_is_made_saved_listed_and_shown(platform: Platform, tmp_path: Path) -> None:
    generate = "vsl generate image --model flux-schnell --prompt 'a lighthouse' --wait --save out --json"
    made = document(typed(platform, tmp_path, generate))
    assert made["status"] == "completed"
    job_id = made["jobId"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"{job_id}-{name}" for name in ("original.webp", "thumbnail.jpg", "metadata.json")
    }
    assert document(typed(platform, tmp_path, f"vsl status {job_id} --json"))["status"] == "completed"
    listed = document(typed(platform, tmp_path, "vsl jobs --type image --limit 5 --json"))["jobs"]
    assert job_id in [job["jobId"] for job in listed]
    models = document(typed(platform, tmp_path, "vsl models --json"))["models"]
    assert "flux-schnell" in [model["modelId"] for model in models]


def test_the_command_that_a_model_is_shown_with_makes_something(platform: Platform, tmp_path: Path) -> None:
    shown = typed(platform, tmp_path, "vsl models flux-schnell").stdout.splitlines()[-1]
    assert typed(platform, tmp_path, shown).returncode == Exit.OK


def test_a_running_job_is_canceled_and_its_long_poll_returns(platform: Platform, tmp_path: Path) -> None:
    job_id = platform.start(IMAGE | ENDLESS)
    assert typed(platform, tmp_path, f"vsl status {job_id} --wait --timeout 1").returncode == Exit.TIMED_OUT
    assert document(typed(platform, tmp_path, f"vsl cancel {job_id} --json"))["status"] == "canceled"
    assert typed(platform, tmp_path, f"vsl cancel {job_id}").returncode == Exit.OK
    assert typed(platform, tmp_path, f"vsl status {job_id} --wait").returncode == Exit.JOB_FAILED


def test_a_job_is_retried_deleted_and_still_in_the_accounting(platform: Platform, tmp_path: Path) -> None:
    job_id = platform.generate(IMAGE)["jobId"]
    again = document(typed(platform, tmp_path, f"vsl retry {job_id} --wait --json"))
    assert (again["status"], again["retryOf"]) == ("completed", job_id)
    before = document(typed(platform, tmp_path, "vsl usage --json"))
    assert document(typed(platform, tmp_path, f"vsl delete {job_id} --yes --json"))["deleted"]
    assert typed(platform, tmp_path, f"vsl status {job_id}").returncode == Exit.REFUSED
    assert document(typed(platform, tmp_path, "vsl usage --json"))["totals"]["jobs"] == before["totals"]["jobs"]


def test_a_refused_request_names_each_field_with_what_is_allowed(platform: Platform, tmp_path: Path) -> None:
    wrong = "vsl generate image --model flux-schnell --params-file - --json"
    done = typed(platform, tmp_path, wrong, given='{"aspect_ratio": "7:1", "num_outputs": 9}')
    assert done.returncode == Exit.REFUSED
    error = json.loads(done.stdout)["error"]
    assert {"params.aspect_ratio", "params.num_outputs"} <= {wrong["path"] for wrong in error["errors"]}
    assert error["requestId"]
    assert "16:9" in done.stderr


def test_the_same_idempotency_key_is_the_same_job(platform: Platform, tmp_path: Path) -> None:
    command = "vsl generate image --model flux-schnell --prompt x --idempotency-key from-a-script --json"
    first, second = (document(typed(platform, tmp_path, command)) for _ in range(2))
    assert first["jobId"] == second["jobId"]


def test_a_batch_that_is_refused_in_part_is_code_3_and_its_jobs_are_made(platform: Platform, tmp_path: Path) -> None:
    given = json.dumps([IMAGE, IMAGE | {"modelId": "no-such-model"}])
    done = typed(platform, tmp_path, "vsl batch - --json", given=given)
    assert (done.returncode, done.stderr) == (Exit.REFUSED, "")
    made, refused = json.loads(done.stdout)["results"]
    assert refused["error"]["code"] == "unknown_model"
    assert typed(platform, tmp_path, f"vsl status {made['jobId']} --wait").returncode == Exit.OK

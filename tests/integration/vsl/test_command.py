"""The installed command in a shell: from any folder, in a terminal, interrupted, misused."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from common.paths import ROOT
from integration.common.fake_api import JOB_ID, Api
from integration.vsl.conftest import Run
from integration.waiting import eventually
from vsl.exits import Exit

COMMAND = str(ROOT / ".venv/bin/vsl")
WAIT = ("status", JOB_ID, "--wait", "--json")


def environment(api: Api) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name != "CI"}
    return {**plain, "TERM": "xterm", "VSL_API_URL": api.url, "VSL_API_KEY": "key"}


def test_it_works_from_a_folder_with_modules_of_the_same_names(api: Api, tmp_path: Path) -> None:
    for name in ("json.py", "common.py", "vsl.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')")
    done = subprocess.run(
        [COMMAND, *WAIT], cwd=tmp_path, env=environment(api), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == api.completed()
    assert done.stderr == ""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_the_job_running_and_says_how_to_get_back(api: Api, tmp_path: Path, sent: signal.Signals) -> None:
    api.statuses = [{"jobId": JOB_ID, "status": "processing"}]
    command = [COMMAND, *WAIT, "--save", "my files"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(api), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        eventually(lambda: len(api.seen) > 1, "a poll")
        child.send_signal(sent)
        out, err = child.communicate()
    assert child.returncode == Exit.INTERRUPTED
    assert json.loads(out)["error"] == {
        "exitCode": 130,
        "code": "interrupted",
        "detail": "interrupted",
        "jobId": JOB_ID,
    }
    back = f"  The job continues. To wait again: vsl status {JOB_ID} --wait --save 'my files'"
    assert err.splitlines() == ["vsl: interrupted", back]
    assert {seen.method for seen in api.seen} == {"GET"}


def test_in_a_terminal_there_is_a_bar_and_standard_output_stays_pure(api: Api, tmp_path: Path) -> None:
    running = {
        "jobId": JOB_ID,
        "status": "processing",
        "mediaType": "video",
        "modelId": "m",
        "progress": {"percent": 50, "source": "logs"},
    }
    api.statuses = [running]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMAND, *WAIT], cwd=tmp_path, env=environment(api), stdout=subprocess.PIPE, stderr=theirs
    ) as child:
        shown = b""
        while "████████████░░░░░░░░░░░░  50 %  video by m: processing" not in shown.decode(errors="replace"):
            shown += os.read(ours, 1 << 16)
        api.statuses = [api.completed()]
        out, _ = child.communicate()
    os.close(theirs)
    os.close(ours)
    assert (child.returncode, json.loads(out)) == (Exit.OK, api.completed())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("VSL_API_URL", "", "VSL_API_URL is missing"),
        ("VSL_API_KEY", "", "VSL_API_KEY is missing"),
        ("VSL_API_URL", "api.example.com", "must be a URL such as"),
        ("VSL_API_URL", "ftp://api.example.com", "must be a URL such as"),
        ("VSL_API_URL", "http://[", "is not a URL"),
        ("VSL_API_URL", "http://api.example.com", "must begin with https://"),
        ("VSL_API_KEY", "se\ncret", "a character that no API key has"),
        ("VSL_API_KEY", "sécret", "a character that no API key has"),
    ],
)
def test_an_address_or_key_that_makes_no_sense_is_code_2(
    vsl: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    done = vsl("jobs", "--json")
    assert done.code is Exit.USAGE
    assert told in done.err and told in done.error["detail"]
    assert "cret" not in done.err + done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("generate", "sound", "--model", "m"),
        ("generate", "image"),
        ("generate", "image", "--model", "m", "--param", "fps"),
        ("generate", "image", "--model", "m", "--param", "a=1", "--text", "a=2"),
        ("generate", "image", "--model", "m", "--params-file", "not there"),
        ("status", JOB_ID, "--timeout", "0"),
        ("jobs", "--limit", "-1"),
        ("jobs", "--stat", "failed"),
    ],
)
def test_a_command_that_is_not_right_is_code_2_for_machines_too(vsl: Run, api: Api, arguments: tuple[str, ...]) -> None:
    done = vsl(*arguments, "--json")
    assert (done.code, done.error["code"], api.seen) == (Exit.USAGE, "usage", [])


def test_a_key_that_is_refused_is_code_3(vsl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VSL_API_KEY", "wrong")
    assert vsl("jobs").code is Exit.REFUSED


def test_an_api_that_is_not_there_is_code_4(vsl: Run, api: Api) -> None:
    api.shutdown()
    api.server_close()
    done = vsl("jobs", "--json")
    assert (done.code, done.error["code"]) == (Exit.UNAVAILABLE, "unreachable")
    assert done.error["detail"].startswith(f"cannot reach {api.url}: ")

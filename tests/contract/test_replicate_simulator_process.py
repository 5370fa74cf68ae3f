"""The simulator as a program: it prints its address, and stops cleanly."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

import replicate_simulator
from replicate_simulator.server import running_simulator

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "replicate_simulator"]


def environment(**more: str) -> dict[str, str]:
    (package,) = replicate_simulator.__path__
    return {**os.environ, "PYTHONPATH": str(Path(package).parent), **more}


@contextmanager
def started(*options: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the program and yield it with the address that it prints."""
    process = subprocess.Popen([*COMMAND, *options], env=environment(**variables), stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()  # not kill, so that the program can delete its media


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def create(url: str, token: str) -> int:
    body = {"version": "black-forest-labs/flux-schnell", "input": {"prompt": "a boat"}}
    headers = {"Authorization": f"Bearer {token}"}
    return urllib3.request("POST", f"{url}/v1/predictions", json=body, headers=headers).status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_serves_and_stops_on_a_signal(number: signal.Signals) -> None:
    with started("--api-token", "r8_mine", "--webhook-secret", "whsec_c2VjcmV0") as (process, url):
        answer = urllib3.request(
            "GET", f"{url}/v1/webhooks/default/secret", headers={"Authorization": "Bearer r8_mine"}
        )
        assert answer.json() == {"key": "whsec_c2VjcmV0"}
        process.send_signal(number)
        assert process.wait(20) == 0


def test_no_ffmpeg_and_no_file_is_left_behind(tmp_path: Path) -> None:
    pid_file, slow = tmp_path / "pid", tmp_path / "ffmpeg"
    slow.write_text(f"#!/bin/sh\necho $$ > {pid_file}.new\nmv {pid_file}.new {pid_file}\nexec sleep 300\n")
    slow.chmod(0o755)
    options = ("--seconds-per-prediction", "0", "--api-token", "r8_mine")
    with started(*options, IMAGEIO_FFMPEG_EXE=str(slow), TMPDIR=str(tmp_path)) as (process, url):
        assert create(url, "r8_mine") == 201
        wait_until(pid_file.exists)
        process.terminate()
        assert process.wait(20) == 0
    wait_until(lambda: not is_running(int(pid_file.read_text())))
    assert {path.name for path in tmp_path.iterdir()} == {"pid", "ffmpeg"}


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--webhook-secret", "secret"], "must be whsec_ followed by base64"),
        (["--api-token", ""], "may not be empty"),
        (["--page-size", "0"], "at least 1"),
        (["--seconds-per-prediction", "-1"], "may not be negative"),
        (["--port", "99999"], "99999"),
    ],
)
def test_a_wrong_option_is_one_clear_line(options: list[str], complaint: str) -> None:
    done = run(*options)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert complaint in done.stderr


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--port", port)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert port in done.stderr


def test_a_stopped_simulator_refuses_connections_and_restarts_on_its_port() -> None:
    pool = urllib3.PoolManager(retries=False)
    with running_simulator() as first:
        assert pool.request("GET", f"{first.url}/control/predictions").status == 200
    with pytest.raises(urllib3.exceptions.HTTPError):
        pool.request("GET", f"{first.url}/control/predictions")
    with running_simulator(port=urllib3.util.parse_url(first.url).port) as second:
        assert second.url == first.url
        assert pool.request("GET", f"{second.url}/control/predictions").status == 200
    pool.clear()


def test_a_missing_ffmpeg_is_reported_in_the_prediction() -> None:
    with started("--seconds-per-prediction", "0", IMAGEIO_FFMPEG_EXE="/nowhere/ffmpeg") as (_, url):
        assert create(url, "r8_simulator") == 201
        wait_until(lambda: "/nowhere/ffmpeg" in str(newest(url)["error"]))
        assert newest(url)["status"] == "failed"


def newest(url: str) -> dict[str, object]:
    headers = {"Authorization": "Bearer r8_simulator"}
    found = urllib3.request("GET", f"{url}/v1/predictions", headers=headers).json()["results"][0]
    assert isinstance(found, dict)
    return found


def test_every_option_is_explained() -> None:
    text = run("--help").stdout
    for option in ("--port", "--api-token", "--webhook-secret", "--seconds-per-prediction", "--page-size"):
        assert option in text
    assert "[[fault:" in text


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], env=environment(), capture_output=True, text=True, timeout=20, check=False
    )

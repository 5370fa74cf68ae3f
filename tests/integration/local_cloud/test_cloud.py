"""A cloud that cannot start leaves nothing running, whatever stopped it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from common.loopback import bypass_proxy
from common.problems import SetupProblem
from common.progress import Progress
from local_cloud import packages, processes, state
from local_cloud.cloud import LocalCloud
from local_cloud.processes import Server
from local_cloud.servers import TITLES


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    LocalCloud(tmp_path / "state", progress=Progress(StringIO())).down()


def cloud_in(folder: Path, mode: str = "simulator", **environ: str) -> LocalCloud:
    return LocalCloud(folder, mode=mode, environ={**os.environ, **environ}, progress=Progress(StringIO()))


@pytest.mark.parametrize("error", [SetupProblem("no zips"), KeyboardInterrupt()], ids=["failure", "Ctrl-C"])
def test_what_was_started_is_stopped_when_up_cannot_go_on(
    error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Server] = []

    def fail(*_: object) -> NoReturn:
        found = state.load(folder)
        assert found
        started.extend(found.servers.values())
        assert all(map(processes.is_alive, started))
        raise error

    monkeypatch.setattr(packages, "build", fail)
    cloud = cloud_in(folder)
    with pytest.raises(type(error)):
        cloud.up()
    assert {server.name for server in started} == set(TITLES)
    assert not any(map(processes.is_alive, started))
    assert state.load(folder) is None
    assert cloud.down() == []
    with pytest.raises(SetupProblem, match="the local cloud is not running: start it with make up"):
        cloud.environment()


def test_a_terminated_up_ends_its_servers_and_the_command_it_was_running(folder: Path, tmp_path: Path) -> None:
    slow = tmp_path / "bin" / "make"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    command = [sys.executable, "-m", "local_cloud", "--state-dir", str(folder), "up"]
    environ = {
        **os.environ,
        "PATH": f"{slow.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(packages.ROOT / "scripts"),
    }
    log = tmp_path / "log"
    with log.open("w") as output, subprocess.Popen(command, env=environ, stdout=output, stderr=output) as up:
        try:
            everyone = family_once_it_builds(up)
        finally:
            up.send_signal(signal.SIGTERM)
        assert up.wait(timeout=30) == 130
    assert "Traceback" not in log.read_text()
    assert log.read_text().splitlines()[-1] == "local cloud: interrupted"
    _, alive = psutil.wait_procs(everyone, timeout=10)
    assert alive == []
    assert state.load(folder) is None


def family_once_it_builds(up: subprocess.Popen[bytes]) -> list[psutil.Process]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and up.poll() is None:
        family = psutil.Process(up.pid).children(recursive=True)
        with suppress(psutil.NoSuchProcess):
            if any("600" in process.cmdline() for process in family):
                return family
        time.sleep(0.05)
    raise AssertionError("it never came to make build")


def test_a_proxy_is_not_asked_for_this_machine(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    def build(_logs: Path, environ: Mapping[str, str]) -> NoReturn:
        seen.update(environ)
        raise SetupProblem("enough")

    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # no server listens here
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(packages, "build", build)
    with pytest.raises(SetupProblem, match="enough"):  # the buckets exist by then
        cloud_in(folder).up()
    assert seen["NO_PROXY"] == seen["no_proxy"] == "127.0.0.1,localhost,::1,.localhost"


def test_hosts_that_bypass_the_proxy_already_go_on_doing_so() -> None:
    environ = {"NO_PROXY": "internal.example.com,localhost"}
    bypass_proxy(environ)
    assert environ["no_proxy"] == "internal.example.com,localhost,127.0.0.1,::1,.localhost"


def test_without_a_token_the_real_replicate_is_not_even_tried(folder: Path) -> None:
    with pytest.raises(SetupProblem, match="REPLICATE=live needs REPLICATE_API_TOKEN"):
        cloud_in(folder, "live", REPLICATE_API_TOKEN="").up()
    assert state.load(folder) is None


def test_a_port_that_is_taken_stops_up_before_anything_is_started(folder: Path) -> None:
    with pytest.raises(SetupProblem, match="VSL_EMULATOR_PORT=x is not a port"):
        cloud_in(folder, VSL_EMULATOR_PORT="x").up()
    assert state.load(folder) is None


def test_two_commands_do_not_work_on_one_state_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = cloud_in(folder)

    def meet(*_: object) -> NoReturn:
        with pytest.raises(SetupProblem, match="another make up or make down uses"):
            cloud_in(folder).down()
        raise SetupProblem("enough")

    monkeypatch.setattr(packages, "build", meet)
    with pytest.raises(SetupProblem, match="enough"):
        cloud.up()


def test_servers_that_died_are_cleared_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = Server(name="redis", url="redis://127.0.0.1:1/0", pid=4_000_000, started=1.0)
    state.save(folder, state.Environment("simulator", servers={"redis": dead}, api_key="vsl_local_old"))

    def stop_here(*_: object) -> NoReturn:
        found = state.load(folder)
        assert found
        assert found.servers["redis"] != dead
        assert found.api_key == ""
        raise SetupProblem("enough")

    monkeypatch.setattr(packages, "build", stop_here)
    with pytest.raises(SetupProblem, match="enough"):
        cloud_in(folder).up()

"""An interrupted make leaves nothing running: the real Makefile and servers; only slow commands are replaced."""

import os
import shutil
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psutil
import pytest

from common.progress import Progress
from integration.families import family_with, left_of
from local_cloud import __main__ as commands
from local_cloud import processes, state
from local_cloud.cloud import LocalCloud
from local_cloud.packages import ROOT
from local_cloud.state import Environment

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
every_signal = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
MAKE = shutil.which("make") or "make"
SUITE = """
import time
from pathlib import Path
import pytest
from local_cloud import postgres, redis

@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("servers")
    with postgres.postgres_server(folder / "p"), redis.redis_server(folder / "r"):
        yield
    Path(__file__).with_name("torn-down").touch()

def test_slow(servers):
    Path(__file__).with_name("runs").touch()
    time.sleep(600)
"""


@contextmanager
def started(*command: str, log: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command as from a terminal: with its own process group, and no signal ignored."""
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=ROOT, env={**own, **environ}, stdout=output, stderr=output, process_group=0
        )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def interrupt(
    child: subprocess.Popen[bytes], number: signal.Signals, everyone: list[psutil.Process], log: Path
) -> None:
    """Send a signal to make alone, as `kill` does, and check that no process is left."""
    child.send_signal(number)
    assert child.wait(timeout=60) != 0
    assert left_of(everyone) == [], log.read_text()
    assert "Traceback" not in log.read_text()


@every_signal
@pytest.mark.parametrize("target", ["up", "demo"])
def test_an_interrupted_start_of_the_local_cloud_leaves_nothing(
    target: str, number: signal.Signals, tmp_path: Path
) -> None:
    slow = tmp_path / "bin" / "make"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    folder, log = tmp_path / "state", tmp_path / "log"
    program = f"PYTHONPATH=scripts {sys.executable} -m local_cloud --state-dir {folder}"
    path = f"{slow.parent}:{os.environ['PATH']}"
    with started(MAKE, target, f"LOCAL_CLOUD={program}", log=log, PATH=path) as child:
        everyone = family_with(child, "sleep 600", lambda: True)
        saved = state.load(folder)
        assert saved and len(saved.servers) == 6
        interrupt(child, number, everyone, log)
    assert not any(map(processes.is_alive, saved.servers.values()))
    assert not any(server.scratch and Path(server.scratch).exists() for server in saved.servers.values())


@pytest.mark.parametrize(
    ("lane", "number"),
    [*(("IN_TURN", number) for number in SIGNALS), ("BESIDE", signal.SIGTERM)],
    ids=lambda given: getattr(given, "name", given),
)
def test_an_interrupted_make_test_leaves_nothing(lane: str, number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "test_slow.py").write_text(SUITE)
    targets = tmp_path / "targets.mk"
    targets.write_text(
        f"slow:\n\t{sys.executable} -m pytest -c {ROOT}/pyproject.toml --rootdir {ROOT} -p conftest {tmp_path}\n"
        "endless:\n\tsleep 600\n"
    )
    # The other lane runs a command that ignores the interruption.
    lanes = {"IN_TURN": "endless", "BESIDE": "endless", lane: "slow"}
    nothing = [f"{name}=" for name in ("TOOLS", "VALIDATORS", "VSL", "CFN_LINT", "HOST_PLATFORM")]
    made = f"{MAKE} -f Makefile -f {targets}"
    given = [f"{name}={value}" for name, value in {**lanes, "MAKE_COMMAND": made, "PYTHON": sys.executable}.items()]
    log = tmp_path / "log"
    command = [MAKE, "-f", "Makefile", "-f", str(targets), *nothing, *given, "-o", "build/sizes-.txt", "test"]
    with started(*command, log=log, PYTHONPATH=f"{ROOT}/tests:{ROOT}/scripts") as child:
        everyone = family_with(child, "sleep 600", (tmp_path / "runs").exists)
        assert {"postgres", "redis-server", "python"} <= {process.name() for process in everyone}
        interrupt(child, number, everyone, log)
    assert (tmp_path / "torn-down").exists()


@every_signal
def test_interrupted_tests_leave_no_servers(number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "test_slow.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-c", f"{ROOT}/pyproject.toml", "-p", "conftest", str(tmp_path)]
    log = tmp_path / "log"
    with started(*command, log=log, PYTHONPATH=f"{ROOT}/tests:{ROOT}/scripts") as child:
        everyone = family_with(child, "postgres", (tmp_path / "runs").exists)
        interrupt(child, number, everyone, log)
    assert (tmp_path / "torn-down").exists() == (number != signal.SIGKILL)


@pytest.mark.parametrize("running_before", [False, True])
def test_an_interrupted_demo_stops_only_a_cloud_that_it_started(
    running_before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deployed(cloud: LocalCloud, environment: Environment) -> Environment:
        complete = Environment(environment.replicate, servers=environment.servers, api_key="vsl_local_key")
        state.save(cloud.state_dir, complete)
        return complete

    def generate(cloud: LocalCloud, _given: Namespace) -> int:
        cloud.up()
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalCloud, "_deploy", deployed)
    earlier = LocalCloud(tmp_path, progress=Progress(StringIO()))
    if running_before:
        earlier.up()
    try:
        with pytest.raises(KeyboardInterrupt):
            commands._run(LocalCloud(tmp_path, progress=Progress(StringIO())), Namespace(action=generate))
        assert bool(state.load(tmp_path)) == running_before
    finally:
        stopped = earlier.down()
    assert len(stopped) == (6 if running_before else 0)

"""Programs in sessions of their own do not outlive the program that started them, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from common.sessions import GUARD
from integration.waiting import eventually
from local_cloud.packages import ROOT

OWNER = """
import signal, sys
from pathlib import Path
from common import guard
from local_cloud import processes
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
server = processes.launch(["sh", "-c", "sleep 600 & wait"], log=Path("log"), environment=dict(), scratch=sys.argv[1])
{then}
print(server.pid, flush=True)
{end}
"""


def start(folder: Path, *, then: str = "", end: str = "") -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a program that starts a server; return both processes of the server, and the guard."""
    scratch = folder / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-c", OWNER.format(then=then, end=end), str(scratch)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    owner = subprocess.Popen(command, cwd=folder, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    server = psutil.Process(int(owner.stdout.readline()))
    [worker] = eventually(server.children, "the server's child")
    return owner, [server, worker]


def guard_of(owner: subprocess.Popen[str]) -> psutil.Process:
    [found] = [child for child in psutil.Process(owner.pid).children() if GUARD in child.cmdline()]
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_killed_program_leaves_no_server(number: signal.Signals, tmp_path: Path) -> None:
    owner, servers = start(tmp_path, end="signal.pause()")
    everyone = [*servers, guard_of(owner)]
    owner.send_signal(number)
    owner.communicate()
    _, alive = psutil.wait_procs(everyone, timeout=20)
    assert alive == []
    assert not (tmp_path / "scratch").exists()


def test_a_guard_ignores_the_signals_that_end_its_program(tmp_path: Path) -> None:
    owner, servers = start(tmp_path, end="signal.pause()")
    guard = guard_of(owner)
    eventually(lambda: ignores_sigterm(guard), "its signal handlers")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        guard.send_signal(number)
    owner.kill()
    owner.communicate()
    _, alive = psutil.wait_procs([*servers, guard], timeout=20)
    assert alive == []


def ignores_sigterm(process: psutil.Process) -> bool:
    [line] = [
        line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("SigIgn")
    ]
    return bool(int(line.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def test_a_program_that_dismisses_its_guard_leaves_its_server_running(tmp_path: Path) -> None:
    owner, [server, worker] = start(tmp_path, then="guard.dismiss()")
    owner.communicate(timeout=20)
    try:
        assert owner.returncode == 0
        assert server.is_running() and worker.is_running()
        assert (tmp_path / "scratch").exists()
    finally:
        for process in (server, worker):
            process.kill()

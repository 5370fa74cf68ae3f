"""Processes are identified by pid and start time, and stopped with all their descendants."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from common.problems import SetupProblem
from integration.waiting import eventually
from local_cloud import processes
from local_cloud.processes import Server

PARENT_AND_CHILD = "sleep 600 & echo $! ; wait"


def launch(script: str, log: Path) -> Server:
    process = processes.launch(["sh", "-c", script], log=log, environment={"PATH": os.defpath})
    return Server(name="script", url="", pid=process.pid, started=process.create_time())


def child_of(log: Path) -> psutil.Process:
    eventually(lambda: log.read_text().endswith("\n"), "the script's output")
    return psutil.Process(int(log.read_text()))


def test_a_server_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    server = launch(PARENT_AND_CHILD, tmp_path / "log")
    child = child_of(tmp_path / "log")
    assert processes.stop(server)
    assert not child.is_running()


def test_what_a_killed_server_left_behind_is_stopped_too(tmp_path: Path) -> None:
    server = launch(PARENT_AND_CHILD, tmp_path / "log")
    child = child_of(tmp_path / "log")
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: not processes.is_alive(server), "the end of the server")
    assert child.is_running()
    assert processes.stop(server)
    assert not child.is_running()


def test_a_server_that_ignores_its_signal_is_killed_after_the_deadline(tmp_path: Path) -> None:
    server = launch("trap '' TERM; echo ready; while :; do sleep 600; done", tmp_path / "log")
    eventually((tmp_path / "log").read_text, "the script's output")
    assert processes.stop(server, seconds=0.2)
    assert not processes.is_alive(server)


def test_a_process_that_was_given_a_recycled_pid_is_left_alone() -> None:
    me = psutil.Process()
    stranger = Server(name="old", url="", pid=me.pid, started=me.create_time() - 60)
    assert not processes.is_alive(stranger)
    assert not processes.stop(stranger)
    assert me.is_running()


def test_a_server_that_dies_while_starting_is_explained_by_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = launch("echo no luck; exit 1", log)
    with pytest.raises(SetupProblem, match=r"Thing stopped while starting: no luck \(whole output: .*log\)"):
        processes.wait_until_ready(psutil.Process(server.pid), lambda: False, name="Thing", log=log)


def test_a_server_that_never_answers_is_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = launch("sleep 600", log)
    process = psutil.Process(server.pid)
    with pytest.raises(SetupProblem, match="Thing did not answer"):
        processes.wait_until_ready(process, lambda: False, name="Thing", log=log, seconds=0.1)
    assert not process.is_running()

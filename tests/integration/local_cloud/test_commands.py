"""The commands, run as a person types them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local_cloud import emulator, processes, state
from local_cloud.aws import Aws
from local_cloud.emulator import emulator_server
from local_cloud.function_logs import follow
from local_cloud.packages import ROOT
from local_cloud.processes import Server
from local_cloud.report import servers_table
from local_cloud.state import Environment


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local_cloud", "--state-dir", str(folder), *arguments]
    reach = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), **environ}
    return subprocess.run(command, env=reach, capture_output=True, text=True, check=False, timeout=60)


def test_down_can_be_repeated(tmp_path: Path) -> None:
    done = run(tmp_path, "down")
    assert (done.returncode, done.stdout) == (0, "Nothing was running.\n")


def test_status_says_that_nothing_runs(tmp_path: Path) -> None:
    done = run(tmp_path, "status")
    assert (done.returncode, done.stdout) == (1, "Not running: make up\n")


@pytest.mark.parametrize("command", [["env"], ["poll"], ["logs"], ["access", "list"]])
def test_a_command_for_a_running_cloud_says_in_one_line_that_there_is_none(command: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, *command)
    assert (done.returncode, done.stderr) == (1, "local cloud: the local cloud is not running: start it with make up\n")


def test_a_missing_tool_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "up", PATH="")
    assert done.returncode == 1
    assert done.stderr.startswith("local cloud: terraform is missing: install version 1.11 or newer from https://")
    assert done.stderr.count("\n") == 1


def test_an_unknown_replicate_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "up", REPLICATE="real")
    assert done.returncode == 2
    assert done.stderr.endswith("REPLICATE=real is not known: choose simulator or live\n")


def test_the_servers_are_listed_without_their_passwords(tmp_path: Path) -> None:
    server = Server("postgres", "postgresql://vsl:secret@127.0.0.1:1/postgres", pid=1, started=1.0)
    _, line = servers_table({"postgres": server})
    assert line.split() == ["PostgreSQL", "1", "stopped", "postgresql://127.0.0.1:1/postgres"]


def test_logs_are_followed_across_functions_in_the_order_of_time(tmp_path: Path) -> None:
    with emulator_server(tmp_path) as url:
        client = Aws(url).client("logs")
        for group in ("/a", "/b"):
            client.create_log_group(logGroupName=group)
            client.create_log_stream(logGroupName=group, logStreamName="s")

        def write(group: str, moment_ms: int, message: str) -> None:
            event = {"timestamp": moment_ms, "message": message}
            client.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])

        write("/b", 1_800_000_000_000, "first\n")
        write("/a", 1_800_000_000_001, "second")
        lines = follow(client, {"a": "/a", "b": "/b"})
        assert [next(lines), next(lines)] == ["b: first", "a: second"]
        write("/b", 1_800_000_000_000, "late")
        assert next(lines) == "b: late"
        assert list(follow(client, {"a": "/a"}, once=True)) == ["a: second"]


def test_a_reader_who_has_seen_enough_of_the_logs_ends_them_without_a_word(tmp_path: Path) -> None:
    server = emulator.start(tmp_path / "emulator")
    try:
        client = Aws(server.url).client("logs")
        client.create_log_group(logGroupName="/f")
        client.create_log_stream(logGroupName="/f", logStreamName="s")
        event = {"timestamp": 1_800_000_000_000, "message": "x" * 200_000}  # more than a pipe holds
        client.put_log_events(logGroupName="/f", logStreamName="s", logEvents=[event])
        outputs = {"log_groups": {"f": "/f"}, "function_names": {}}
        state.save(tmp_path, Environment("simulator", servers={"emulator": server}, api_key="k", outputs=outputs))
        command = f"{sys.executable} -m local_cloud --state-dir {tmp_path} logs --once | head -c 10"
        done = subprocess.run(
            ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        processes.stop(server)
    assert (done.stdout, done.stderr) == ("f: xxxxxxx141\n", "")


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local_cloud", "--state-dir", str(tmp_path), "down"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "local cloud: the disk is full: make room and run the command again\n"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    done = run(Path("/sys/kernel/vsl"), "down")  # root may write anywhere else
    assert done.returncode == 1
    told = re.fullmatch(
        r"local cloud: /sys/kernel/vsl: (not permitted|permission denied): run the command as .*\n", done.stderr
    )
    assert told, done.stderr

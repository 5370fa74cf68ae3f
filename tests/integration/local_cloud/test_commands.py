"""The commands as a person types them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_cloud.aws import Aws
from local_cloud.emulator import emulator_server
from local_cloud.function_logs import follow
from local_cloud.packages import ROOT
from local_cloud.processes import Server
from local_cloud.report import servers_table


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
    assert (done.returncode, done.stderr) == (1, "local cloud: the local cloud is not running: make up\n")


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

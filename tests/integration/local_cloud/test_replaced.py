"""Neither a server that was restarted by hand nor a damaged state file stops `make logs` or `make down`."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from integration.local_cloud.test_commands import run
from integration.waiting import eventually
from local_cloud import emulator, postgres, processes, redis, state
from local_cloud.aws import Aws
from local_cloud.ports import is_open
from local_cloud.processes import Server
from local_cloud.state import Environment


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run the Redis of a local cloud."""
    server = redis.start(tmp_path / "redis")
    yield server
    processes.stop(server)


def remember(folder: Path, *servers: Server) -> None:
    known = {server.name: server for server in servers}
    outputs = {"log_groups": {"generate_media": "/generate_media"}, "function_names": {}, "api_url": "http://x"}
    state.save(folder, Environment("simulator", servers=known, api_key="vsl_local_key", outputs=outputs))


@contextmanager
def by_hand(port: int, folder: Path) -> Iterator[psutil.Process]:
    """Run a Redis as from a terminal."""
    folder.mkdir(exist_ok=True)
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}) as child:
        eventually(lambda: is_open(port), "the start of Redis")
        yield psutil.Process(child.pid)
        child.kill()


def replaced(server: Server) -> int:
    processes.stop(server)
    return urlsplit(server.url).port or 0


def test_the_logs_are_shown_although_redis_was_replaced(server: Server, tmp_path: Path) -> None:
    aws = emulator.start(tmp_path / "emulator")
    try:
        remember(tmp_path, server, aws)
        Aws(aws.url).client("logs").create_log_group(logGroupName="/generate_media")
        with by_hand(replaced(server), tmp_path / "redis"):
            done = run(tmp_path, "logs", "--once")
            assert (done.returncode, done.stderr) == (0, "")
            assert "replaced" in run(tmp_path, "status").stdout
    finally:
        processes.stop(aws)


def test_down_stops_a_replacement_that_works_in_the_folder_of_the_cloud(server: Server, tmp_path: Path) -> None:
    remember(tmp_path, server)
    with by_hand(replaced(server), tmp_path / "redis") as replacement:
        done = run(tmp_path, "down")
        assert (done.returncode, done.stdout, done.stderr) == (0, "Stopped: Redis.\n", "")
        assert not replacement.is_running() or replacement.status() == psutil.STATUS_ZOMBIE


def test_down_leaves_a_server_of_another_folder_alone_and_says_so(server: Server, tmp_path: Path) -> None:
    remember(tmp_path, server)
    port = replaced(server)
    with by_hand(port, tmp_path / "elsewhere") as replacement:
        done = run(tmp_path, "down")
        assert done.returncode == 0
        assert f"port {port} (Redis) is in use by a server that make up did not start" in done.stdout
        assert "Nothing was running." in done.stdout
        assert replacement.is_running()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"replicate": "simulator", "servers": {"redis": {"port": 1}}}', '{"version": 9}']
)
def test_down_stops_what_runs_although_the_state_file_cannot_be_read(text: str, server: Server, tmp_path: Path) -> None:
    (tmp_path / state.FILE).write_text(text)
    shown = run(tmp_path, "logs", "--once")
    assert shown.returncode == 1
    assert shown.stderr == (
        f"local cloud: {tmp_path / state.FILE} is damaged or from another version: make down, then make up\n"
    )
    done = run(tmp_path, "down")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Stopped: Redis.\n", "")
    assert not processes.is_alive(server)
    assert not (tmp_path / state.FILE).exists()


def test_down_removes_the_data_of_a_database_that_no_state_file_knows(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / "postgres")
    home = Path(server.scratch or tmp_path / "postgres")
    assert (home / "data").exists()
    assert run(tmp_path, "down").stdout == "Stopped: PostgreSQL.\n"
    assert not (home / "data").exists()
    assert home == tmp_path / "postgres" or not home.exists()


def test_a_reader_of_a_log_is_no_server(server: Server, tmp_path: Path) -> None:
    remember(tmp_path, server)
    with subprocess.Popen(["tail", "-f", str(tmp_path / "redis" / "redis.log")], stdout=subprocess.DEVNULL) as tail:
        try:
            assert run(tmp_path, "down").stdout == "Stopped: Redis.\n"
            assert tail.poll() is None
        finally:
            tail.kill()

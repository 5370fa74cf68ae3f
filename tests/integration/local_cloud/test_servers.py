"""Each real server answers, listens on this machine only, and leaves nothing behind."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pg8000.native
import psutil
import pytest
import redis as redis_client

from common.problems import SetupProblem
from common.progress import Progress
from common.replicate import webhook_secret
from common.sessions import GUARD
from local_cloud import emulator, postgres, processes, redis, replicate, simulator
from local_cloud.aws import Aws
from local_cloud.aws_session import EmulatorSession
from local_cloud.ports import free_port
from local_cloud.processes import Server
from local_cloud.servers import Servers

type Start = Callable[[Path], Server]


def start_simulator(folder: Path) -> Server:
    return simulator.start(
        folder, api_token=replicate.made_up_token(), webhook_secret=replicate.made_up_webhook_secret()
    )


KINDS = {
    "postgres": postgres.start,
    "redis": redis.start,
    "emulator": emulator.start,
    "simulator": start_simulator,
}
every_kind = pytest.mark.parametrize("start", KINDS.values(), ids=KINDS)


def family(server: Server) -> list[psutil.Process]:
    leader = psutil.Process(server.pid)
    return [leader, *leader.children(recursive=True)]


def addresses(process: psutil.Process) -> list[str]:
    """Return the addresses where a process listens; none if it has ended, as PostgreSQL's short-lived helpers do."""
    try:
        connections = process.net_connections("inet")
    except psutil.NoSuchProcess:
        return []
    return [connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN]


def test_the_emulator_leaves_it_to_its_clients_to_close_a_connection() -> None:
    settings = "from local_cloud import emulator_process; emulator_process.keep_connections()"
    program = f"{settings}; config = emulator_process.Config(); config.keep_alive_timeout = 75"
    command = [sys.executable, "-c", f"{program}; print(config.keep_alive_timeout)"]
    environment = {**os.environ, "PYTHONPATH": str(emulator.SCRIPTS)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert float(told) > 90  # seconds after which Terraform's own client closes it (aws-sdk-go-v2)


def end(server: Server) -> bool:
    return postgres.stop(server) if server.name == "postgres" else processes.stop(server)


def connect(url: str, **changes: str) -> pg8000.native.Connection:
    parts = urlsplit(url)
    given = {"user": parts.username, "password": parts.password, "database": parts.path[1:], **changes}
    return pg8000.native.Connection(host=parts.hostname, port=parts.port, **given)


def call_a_function(url: str) -> dict[str, str]:
    """Deploy and call a function that returns its environment."""
    aws = Aws(url)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip_file:
        zip_file.writestr("handler.py", "import os\ndef run(event, context):\n    return dict(os.environ)\n")
    aws.client("lambda").create_function(
        FunctionName="f",
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="handler.run",
        Code={"ZipFile": packed.getvalue()},
        Publish=True,
    )
    aws.client("lambda").create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    answer: dict[str, str] = aws.invoke("f", {})
    return answer


@every_kind
def test_a_server_listens_on_this_machine_only_and_is_gone_when_stopped(start: Start, tmp_path: Path) -> None:
    server = start(tmp_path)
    try:
        everyone = family(server)
        listening = [address for process in everyone for address in addresses(process)]
        assert listening
        assert set(listening) == {"127.0.0.1"}
        assert processes.is_alive(server)
    finally:
        assert end(server)
    assert not processes.is_alive(server)
    assert not [process for process in everyone if process.is_running()]
    assert not end(server)  # a second stop finds no process
    assert not server.scratch or not Path(server.scratch).exists()


@every_kind
def test_two_servers_of_a_kind_run_side_by_side(start: Start, tmp_path: Path) -> None:
    first, second = start(tmp_path / "1"), start(tmp_path / "2")
    try:
        assert first.url != second.url
        assert processes.is_alive(first)
        assert processes.is_alive(second)
    finally:
        end(first)
        end(second)


@pytest.mark.parametrize("start", [postgres.start, redis.start, emulator.start], ids=["postgres", "redis", "emulator"])
def test_a_server_whose_port_is_taken_says_so_and_leaves_nothing(start: Callable[..., Server], tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SetupProblem, match="stopped while starting"),
    ):
        start(tmp_path, port=taken.getsockname()[1])
    left = [process for process in psutil.Process().children() if process.status() != "zombie"]
    assert {process for process in left if GUARD not in process.cmdline()} <= before


def test_postgresql_asks_for_its_password_over_tcp(tmp_path: Path) -> None:
    with postgres.postgres_server(tmp_path) as url:
        connection = connect(url)
        assert connection.run("SELECT current_setting('password_encryption')") == [["scram-sha-256"]]
        connection.close()
        with pytest.raises(pg8000.exceptions.DatabaseError, match="password authentication failed"):
            connect(url, password="wrong")


def test_postgresql_brings_its_own_locale(tmp_path: Path) -> None:
    """macOS 14 and older have no C.UTF-8; PostgreSQL's builtin provider ("b") has it on every system."""
    with postgres.postgres_server(tmp_path) as url:
        connection = connect(url)
        asked = "SELECT datlocprovider, datlocale, datcollate, pg_encoding_to_char(encoding) FROM pg_database"
        assert {tuple(row) for row in connection.run(asked)} == {("b", "C.UTF-8", "C", "UTF8")}
        connection.close()


def test_postgresql_lets_the_functions_in_without_any_rights_yet(tmp_path: Path) -> None:
    servers = Servers(tmp_path, {}, Progress(io.StringIO()))
    server = servers._start("postgres", free_port(), "", "")
    try:
        connection = connect(postgres.application_url(server.url))
        assert connection.run("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user") == [
            ["vsl_app", False]
        ]
        connection.close()
    finally:
        assert end(server)


def test_postgresql_starts_from_an_environment_that_only_its_owner_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = postgres.wheel_programs()
    package = programs.parents[1]
    closed = tmp_path / "site-packages"
    shutil.copytree(programs.parent, closed / package.name / programs.parent.name)
    shutil.copytree(package.parent / f"{package.name}.libs", closed / f"{package.name}.libs")
    closed.chmod(0o700)
    monkeypatch.setattr(postgres, "wheel_programs", lambda: closed / package.name / programs.relative_to(package))
    with postgres.postgres_server(tmp_path) as url:
        connection = connect(url)
        assert connection.run("SELECT 1") == [[1]]
        connection.close()


def test_postgresql_stops_at_once_although_a_client_is_connected(tmp_path: Path) -> None:
    server = postgres.start(tmp_path)
    connection = connect(server.url)
    try:
        assert postgres.stop(server)
        assert not processes.is_alive(server)
    finally:
        with pytest.raises(pg8000.exceptions.InterfaceError):
            connection.run("SELECT 1")


def test_redis_asks_for_a_password_if_it_was_given_one(tmp_path: Path) -> None:
    with redis.redis_server(tmp_path, password="secret") as url, redis_client.Redis.from_url(url) as client:
        assert client.ping()
        stranger = redis_client.Redis(port=urlsplit(url).port or 0)
        with stranger, pytest.raises(redis_client.AuthenticationError):
            stranger.ping()


def test_functions_see_a_clean_environment_and_end_with_the_emulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_of_the_developer")
    monkeypatch.setenv("AWS_PROFILE", "production")
    server = emulator.start(tmp_path)
    try:
        seen = call_a_function(server.url)
        everyone = family(server)
    finally:
        processes.stop(server)
    assert "REPLICATE_API_TOKEN" not in seen
    assert "AWS_PROFILE" not in seen
    assert seen["HOME"].startswith(str(tmp_path))
    assert len(everyone) > 1  # the function's worker is a separate process
    assert not [process for process in everyone if process.is_running()]


def test_the_emulator_enforces_permissions(tmp_path: Path) -> None:
    with emulator.emulator_server(tmp_path) as url:
        iam = Aws(url).client("iam")
        iam.create_user(UserName="nobody")
        key = iam.create_access_key(UserName="nobody")["AccessKey"]
        stranger = EmulatorSession(url, key["AccessKeyId"], key["SecretAccessKey"]).client("s3")
        with pytest.raises(stranger.exceptions.ClientError, match="AccessDenied"):
            stranger.list_buckets()


def test_the_simulator_wants_its_own_token(tmp_path: Path) -> None:
    token, secret = replicate.made_up_token(), replicate.made_up_webhook_secret()
    with simulator.simulator_server(tmp_path, api_token=token, webhook_secret=secret) as url:
        assert webhook_secret(token, f"{url}/v1") == secret
        with pytest.raises(SetupProblem, match="REPLICATE_API_TOKEN"):
            webhook_secret("r8_wrong", f"{url}/v1")

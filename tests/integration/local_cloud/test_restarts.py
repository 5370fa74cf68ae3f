"""Killed servers are restarted with their data, at their old addresses."""

import io
from pathlib import Path

import pg8000.native
import pytest
import redis as redis_client

from common.progress import Progress
from common.replicate import webhook_secret
from integration.local_cloud.test_servers import connect
from local_cloud import postgres, processes, replicate
from local_cloud.ports import free_port
from local_cloud.servers import Servers


def test_a_killed_postgresql_has_all_that_was_committed_when_it_is_started_again(tmp_path: Path) -> None:
    server = postgres.start(tmp_path)
    try:
        connection = connect(server.url)
        connection.run("CREATE TABLE kept (number integer)")
        connection.run("INSERT INTO kept SELECT * FROM generate_series(1, 1000)")
        processes.kill(server)
        assert not processes.is_alive(server)
        with pytest.raises(pg8000.exceptions.InterfaceError):
            connection.run("SELECT 1")
        again = postgres.restart(server, tmp_path)
        assert (again.url, again.scratch) == (server.url, server.scratch)
        server = again
        connection = connect(server.url)
        assert connection.run("SELECT count(*) FROM kept") == [[1000]]
        connection.close()
    finally:
        postgres.stop(server)


def test_killed_servers_are_started_again_at_their_addresses(tmp_path: Path) -> None:
    servers = Servers(tmp_path, {}, Progress(io.StringIO()))
    token, secret = replicate.made_up_token(), replicate.made_up_webhook_secret()
    running = {name: servers._start(name, free_port(), token, secret) for name in ("redis", "simulator")}
    try:
        for name, server in running.items():
            processes.kill(server)
            assert not processes.is_alive(server)
            running[name] = servers.restart(server, token, secret)
            assert processes.is_alive(running[name])
            assert running[name].url == server.url
        assert redis_client.Redis.from_url(running["redis"].url).ping()
        assert webhook_secret(token, f"{running['simulator'].url}/v1") == secret
        assert (tmp_path / "simulator" / "state" / "media").is_dir()
    finally:
        servers.stop(running)
    assert not (tmp_path / "simulator" / "state").exists()

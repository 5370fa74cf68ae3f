"""The local cloud's double of ElastiCache: functions log in with the emulator's credentials."""

import io
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from common.progress import Progress
from local_cloud import emulator, processes
from local_cloud.ports import free_port
from local_cloud.servers import Servers
from mediagen.aws.credentials import Credentials
from mediagen.aws.settings import Aws as Signing
from mediagen.cache.cache import connect
from rds_proxy import sessions


def test_the_functions_reach_redis_with_the_credentials_that_the_emulator_gave_them(tmp_path: Path) -> None:
    servers, running = Servers(tmp_path, {}, Progress(io.StringIO())), {}
    running["redis"] = servers._start("redis", free_port(), "", "")
    try:
        double = running["elasticache"] = servers._start_elasticache(running["redis"], free_port())
        function = Credentials("ASIAFUNCTION", "secret", "token")
        signing = Signing(emulator.REGION, lambda: function)
        with pytest.raises(AuthenticationError):
            connect(double.url, lambda: signing).get("models:config:v1")
        session = {"SecretAccessKey": function.secret_key, "SessionToken": function.token}
        (tmp_path / "emulator").mkdir()
        sessions.note(emulator.sessions(tmp_path / "emulator"), function.access_key, session)
        for name in ("redis", "elasticache"):
            connect(double.url, lambda: signing).set("models:config:v1", name)
            assert Redis.from_url(running["redis"].url, decode_responses=True).get("models:config:v1") == name
            processes.kill(running[name])
            running[name] = servers.restart(running[name], "", "")
        connect(double.url, lambda: signing).set("models:config:v1", "{}")
    finally:
        servers.stop(running)
    assert not (tmp_path / "elasticache" / "settings.json").exists()
    assert not (tmp_path / "redis" / "users.acl").exists()


def test_the_functions_url_has_no_password_and_redis_takes_no_user_without_one(tmp_path: Path) -> None:
    servers, running = Servers(tmp_path, {}, Progress(io.StringIO())), {}
    running["redis"] = servers._start("redis", free_port(), "", "")
    try:
        running["elasticache"] = servers._start_elasticache(running["redis"], free_port())
        assert ":" not in running["elasticache"].url.partition("//")[2].partition("@")[0]
        address = running["redis"].url.rpartition("@")[2]
        with Redis.from_url(f"redis://{address}") as client, pytest.raises(AuthenticationError):
            client.ping()
    finally:
        servers.stop(running)

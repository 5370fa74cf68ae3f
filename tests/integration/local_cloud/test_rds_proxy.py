"""The local cloud's double of RDS Proxy: functions log in with the emulator's credentials."""

import io
import stat
from contextlib import closing
from pathlib import Path

import pg8000.exceptions
import pytest

from common.progress import Progress
from integration.local_cloud.test_servers import call_a_function
from local_cloud import emulator, processes
from local_cloud.ports import free_port
from local_cloud.servers import Servers
from mediagen.aws.credentials import Credentials
from mediagen.aws.settings import Aws as Signing
from mediagen.records.database import connect as database_connect
from rds_proxy import sessions
from rds_proxy.tokens import Secret


def test_the_functions_reach_postgresql_through_rds_proxy_with_the_credentials_the_emulator_gave_them(
    tmp_path: Path,
) -> None:
    servers, running = Servers(tmp_path, {}, Progress(io.StringIO())), {}
    running["postgres"] = servers._start("postgres", free_port(), "", "")
    try:
        proxy = running["rds_proxy"] = servers._start_proxy(running["postgres"], free_port())
        function = Credentials("ASIAFUNCTION", "secret", "token")
        signing = Signing(emulator.REGION, lambda: function)
        with pytest.raises(pg8000.exceptions.DatabaseError, match="IAM authentication failed"):
            database_connect(proxy.url, lambda: signing)
        session = {"SecretAccessKey": function.secret_key, "SessionToken": function.token}
        (tmp_path / "emulator").mkdir()
        sessions.note(emulator.sessions(tmp_path / "emulator"), function.access_key, session)
        for _ in range(2):
            with closing(database_connect(proxy.url, lambda: signing)) as connection:
                assert connection.run("SELECT current_user") == [["vsl_app"]]
            processes.kill(running["rds_proxy"])
            running["rds_proxy"] = servers.restart(running["rds_proxy"], "", "")
        assert "password" not in proxy.url
    finally:
        servers.stop(running)
    assert not (tmp_path / "rds_proxy" / "settings.json").exists()


def test_the_emulator_writes_down_the_credentials_that_a_function_gets(tmp_path: Path) -> None:
    server = emulator.start(tmp_path)
    try:
        seen = call_a_function(server.url)
        known = sessions.Sessions(emulator.sessions(tmp_path)).find(seen["AWS_ACCESS_KEY_ID"])
    finally:
        processes.stop(server)
    assert known == Secret(seen["AWS_SECRET_ACCESS_KEY"], seen["AWS_SESSION_TOKEN"])
    assert stat.S_IMODE(emulator.sessions(tmp_path).stat().st_mode) == 0o600

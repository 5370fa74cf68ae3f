"""`make chaos` on real servers: each fault has its effect, and the server recovers."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import redis as redis_client
import urllib3
from pg8000.exceptions import DatabaseError, InterfaceError

from chaos.faults import FAULTS, cut_connections, kill_workers, killed, remove_data
from common.progress import Progress
from integration.local_cloud.test_servers import call_a_function
from local_cloud import replicate, state
from local_cloud.aws import Aws
from local_cloud.cloud import LocalCloud
from local_cloud.ports import free_port
from local_cloud.servers import Servers
from local_cloud.state import Environment
from mediagen.records.database import connect

TOKEN, SECRET = replicate.made_up_token(), replicate.made_up_webhook_secret()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A cloud's servers, without Terraform and functions."""
    folder, quiet = tmp_path_factory.mktemp("chaos"), Progress(io.StringIO())
    servers = Servers(folder, {}, quiet)
    cloud = LocalCloud(folder, progress=quiet)
    environment = Environment("simulator", replicate_token=TOKEN, webhook_secret=SECRET, api_key="none")
    try:
        for name in ("postgres", "redis", "emulator", "simulator"):
            environment.servers[name] = servers._start(name, free_port(), TOKEN, SECRET)
            state.save(folder, environment)
        yield cloud
    finally:
        cloud.down()


def test_a_killed_postgresql_comes_back_with_what_was_committed(cloud: LocalCloud) -> None:
    before = cloud.environment().servers["postgres"]
    with closing(connect(before.url)) as connection:
        connection.run("CREATE TABLE committed (number integer)")
    killed("postgres")(cloud, 0)
    after = cloud.environment().servers["postgres"]
    assert (after.url, after.pid == before.pid) == (before.url, False)
    with closing(connect(after.url)) as connection:
        assert connection.run("SELECT * FROM committed") == []


def test_a_killed_redis_comes_back_empty(cloud: LocalCloud) -> None:
    url = cloud.environment().url("redis")
    with redis_client.Redis.from_url(url) as client:
        client.set("key", "value")
    killed("redis")(cloud, 0)
    with redis_client.Redis.from_url(cloud.environment().url("redis")) as client:
        assert client.get("key") is None
    assert cloud.environment().url("redis") == url


def test_connections_are_cut_in_the_middle_of_a_transaction(cloud: LocalCloud) -> None:
    url = cloud.environment().url("postgres")
    connection = connect(url)
    connection.run("CREATE TABLE half (number integer)")
    connection.run("BEGIN")
    connection.run("INSERT INTO half VALUES (1)")
    cut_connections(cloud)
    with pytest.raises((DatabaseError, InterfaceError, OSError)):
        connection.run("COMMIT")
    with closing(connect(url)) as connection:
        assert connection.run("SELECT * FROM half") == []


def test_killed_workers_are_replaced(cloud: LocalCloud) -> None:
    environment = cloud.environment()
    call_a_function(environment.url("emulator"))
    emulator = psutil.Process(environment.servers["emulator"].pid)
    workers = emulator.children(recursive=True)
    assert workers
    kill_workers(cloud)
    psutil.wait_procs(workers, timeout=10)
    assert not [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]
    assert Aws(environment.url("emulator")).invoke("f", {})
    assert set(emulator.children(recursive=True)).isdisjoint(workers)


def test_a_killed_simulator_remembers_and_its_disk_can_be_emptied(cloud: LocalCloud) -> None:
    url = cloud.environment().url("simulator")
    headers = {"authorization": f"Bearer {TOKEN}"}
    body = {"input": {"prompt": "a boat"}}
    path = f"{url}/v1/models/black-forest-labs/flux-schnell/predictions"
    created = urllib3.request("POST", path, json=body, headers=headers).json()
    killed("simulator")(cloud, 0)
    assert cloud.environment().url("simulator") == url
    assert urllib3.request("GET", created["urls"]["get"], headers=headers).json()["id"] == created["id"]
    media = Path(cloud.state_dir) / "simulator" / "state" / "media"
    (media / "left.png").touch()
    remove_data(cloud)
    assert list(media.iterdir()) == []


def test_every_fault_has_a_name_and_a_title_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len({fault.title for fault in FAULTS}) == len(FAULTS)

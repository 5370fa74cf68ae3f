"""What is done to the servers of the cloud, for some seconds each.

The emulator itself is not killed: all it has, queues and tables too, is in its memory, which is not how AWS fails.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import psutil
import urllib3

from local_cloud.cloud import LocalCloud
from mediagen.records.database import connect

AGAIN_SECONDS = 0.25
DELETING = "files deleted"
# Nobody may finish a statement in between; the server's own helpers and ourselves excepted.
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

type Act = Callable[[LocalCloud, float], None]


@dataclass(frozen=True)
class Fault:
    """One way to hurt the cloud; `act` takes as long as it is told and leaves every server running."""

    name: str
    title: str
    act: Act


def killed(name: str) -> Act:
    """Kill a server, leave it dead for so long, and start it again with what data it has."""

    def act(cloud: LocalCloud, seconds: float) -> None:
        cloud.kill(name)
        time.sleep(seconds)
        cloud.revive(name)

    return act


def again_and_again(hurt: Callable[[LocalCloud], object]) -> Act:
    """Do something harmful all the time."""

    def act(cloud: LocalCloud, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            hurt(cloud)
            time.sleep(AGAIN_SECONDS)

    return act


def cut_connections(cloud: LocalCloud) -> None:
    """End every connection to PostgreSQL, whatever it is in the middle of."""
    with closing(connect(cloud.environment().url("postgres"))) as connection:
        connection.run(_CUT)


def kill_workers(cloud: LocalCloud) -> None:
    """Kill every process in which the emulator runs a function, and what it started (ffmpeg)."""
    emulator = psutil.Process(cloud.environment().servers["emulator"].pid)
    for process in emulator.children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def remove_data(cloud: LocalCloud) -> None:
    """Empty the disk of the simulator's files, as Replicate does an hour after each end."""
    url = f"{cloud.environment().url('simulator')}/control/remove-data"
    urllib3.request("POST", url, timeout=10)


FAULTS = (
    Fault("postgres", "PostgreSQL killed", killed("postgres")),
    Fault("connections", "connections cut", again_and_again(cut_connections)),
    Fault("redis", "Redis killed", killed("redis")),
    Fault("workers", "workers killed", again_and_again(kill_workers)),
    Fault("simulator", "Replicate killed", killed("simulator")),
    Fault("files", DELETING, again_and_again(remove_data)),
)

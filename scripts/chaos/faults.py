"""Faults of the cloud's servers, some seconds each.

The emulator itself is not killed: it keeps queues and tables in memory only, and AWS does not lose them.
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
# Ends every client's connection except this one; a statement in progress fails.
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

type Act = Callable[[LocalCloud, float], None]


@dataclass(frozen=True)
class Fault:
    """A fault; `act` lasts the given seconds and leaves every server running."""

    name: str
    title: str
    act: Act


def killed(name: str) -> Act:
    """Return a fault that kills a server and restarts it later with the data it still has."""

    def act(cloud: LocalCloud, seconds: float) -> None:
        cloud.kill(name)
        time.sleep(seconds)
        cloud.revive(name)

    return act


def again_and_again(hurt: Callable[[LocalCloud], object]) -> Act:
    """Return a fault that repeats an action until its time is over."""

    def act(cloud: LocalCloud, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            hurt(cloud)
            time.sleep(AGAIN_SECONDS)

    return act


def cut_connections(cloud: LocalCloud) -> None:
    """End every connection to PostgreSQL, also in the middle of a statement."""
    with closing(connect(cloud.environment().url("postgres"))) as connection:
        connection.run(_CUT)


def kill_workers(cloud: LocalCloud) -> None:
    """Kill every process in which the emulator runs a function, and its children (ffmpeg)."""
    emulator = psutil.Process(cloud.environment().servers["emulator"].pid)
    for process in emulator.children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def remove_data(cloud: LocalCloud) -> None:
    """Delete the simulator's files, as Replicate does an hour after completion."""
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

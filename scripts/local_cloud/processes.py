"""Servers as detached processes: recognised by pid and start time, stopped with their children."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from common import guard, interruption, sessions
from common.commands import last_line
from common.problems import SetupProblem
from common.sessions import Session

POLL_SECONDS = 0.05
# Kept because a garbage-collected Popen complains about its child, and these are meant to outlive us.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Server:
    """A running server: its address, and how to recognise and stop it.

    `started` is in seconds since the epoch; `scratch` is a folder elsewhere that is removed with it.
    """

    name: str
    url: str
    pid: int
    started: float
    stop_signal: int = signal.SIGTERM
    scratch: str = ""


@dataclass(frozen=True)
class User:
    """The account a server runs as, if it is not the current one."""

    uid: int
    gid: int


def launch(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
    user: User | None = None,
    stop_signal: int = signal.SIGTERM,
    scratch: str = "",
) -> psutil.Process:
    """Start a command in its own session, its output going to a log file; the guard knows it from the start."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output, interruption.postponed():
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
        _children.append(child)
        process = psutil.Process(child.pid)
        guard.watch(Session(child.pid, process.create_time(), stop_signal), scratch)
    return process


def wait_until_ready(
    process: psutil.Process, is_ready: Callable[[], bool], *, name: str, log: Path, seconds: float = 30.0
) -> None:
    """Wait for a server to answer. If it ends or takes too long, stop it and raise SetupProblem."""
    started = process.create_time()
    try:
        _wait(process, is_ready, name=name, log=log, seconds=seconds)
    except BaseException:
        stop(Server(name=name, url="", pid=process.pid, started=started))
        raise


def _wait(process: psutil.Process, is_ready: Callable[[], bool], *, name: str, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if not sessions.is_running(process):
            raise SetupProblem(f"{name} stopped while starting: {last_line(log)} (whole output: {log})")
        if time.monotonic() > deadline:
            raise SetupProblem(f"{name} did not answer within {seconds:.0f} s: {last_line(log)} (whole output: {log})")
        time.sleep(POLL_SECONDS)


def is_alive(server: Server) -> bool:
    """Return whether the server still runs; a recycled pid does not count."""
    return sessions.leader(_session(server)) is not None


def stop(server: Server, *, seconds: float = 10.0) -> bool:
    """Stop a server and what it started, by force after the deadline; return False if nothing was running."""
    return sessions.stop(replace(_session(server), seconds=seconds))


def kill(server: Server) -> None:
    """Kill a server and its children at once, like a crash."""
    stop(replace(server, stop_signal=signal.SIGKILL))


def _session(server: Server) -> Session:
    return Session(server.pid, server.started, server.stop_signal)

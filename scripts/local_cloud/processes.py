"""Servers as processes: started detached, known again by pid and start time, stopped with their children."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from common.commands import last_line
from common.problems import SetupProblem

# A start time is derived from the wall clock, which may be set; a recycled pid is further off than this.
START_TOLERANCE_SECONDS = 2.0
POLL_SECONDS = 0.05
# Kept because a garbage-collected Popen complains about its child, and these are meant to outlive us.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Server:
    """A running server: how to reach it, to know it again, and to stop it.

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
    """The account a server runs as, when that is not ours."""

    uid: int
    gid: int


def launch(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
    user: User | None = None,
) -> psutil.Process:
    """Start a command in its own session, its output going to a log file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
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
    return psutil.Process(child.pid)


def wait_until_ready(
    process: psutil.Process, is_ready: Callable[[], bool], *, name: str, log: Path, seconds: float = 30.0
) -> None:
    """Wait for a server to answer; end it and raise SetupProblem when it dies or takes too long."""
    started = process.create_time()
    try:
        _wait(process, is_ready, name=name, log=log, seconds=seconds)
    except BaseException:
        stop(Server(name=name, url="", pid=process.pid, started=started))
        raise


def _wait(process: psutil.Process, is_ready: Callable[[], bool], *, name: str, log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if not _is_running(process):
            raise SetupProblem(f"{name} stopped while starting: {last_line(log)} (whole log: {log})")
        if time.monotonic() > deadline:
            raise SetupProblem(f"{name} did not answer within {seconds:.0f} s: {last_line(log)} (whole log: {log})")
        time.sleep(POLL_SECONDS)


def is_alive(server: Server) -> bool:
    """Tell whether this very process still runs (not another one that was given its pid)."""
    return _leader(server) is not None


def stop(server: Server, *, seconds: float = 10.0) -> bool:
    """End a server and whatever it started, by force after the deadline; false if it was already gone."""
    leader = _leader(server)
    family = set(_session(server))
    if leader:
        family |= {leader, *_children_of(leader)}
        with suppress(psutil.NoSuchProcess):
            leader.send_signal(server.stop_signal)
        psutil.wait_procs([leader], timeout=seconds)
    # Workers started while the leader was ending are found only now.
    family |= set(_session(server))
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=seconds)
    return bool(family)


def kill(server: Server) -> None:
    """End a server and whatever it started as a crash would: at once, and without a chance to tidy up."""
    stop(replace(server, stop_signal=signal.SIGKILL))


def _leader(server: Server) -> psutil.Process | None:
    try:
        process = psutil.Process(server.pid)
        same = abs(process.create_time() - server.started) <= START_TOLERANCE_SECONDS
    except psutil.NoSuchProcess:
        return None
    return process if same and _is_running(process) else None


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _children_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _session(server: Server) -> Iterator[psutil.Process]:
    """Find what still runs in the server's session, which has the server's pid as its number."""
    for pid in psutil.pids():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(pid) != server.pid:
                continue
            process = psutil.Process(pid)
            if process.create_time() >= server.started - START_TOLERANCE_SECONDS and _is_running(process):
                yield process

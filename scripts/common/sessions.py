"""Processes in sessions of their own: recognised by pid and start time, stopped together with their children."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil

# A start time is derived from the wall clock, which may be set; a recycled pid is further off than this.
START_TOLERANCE_SECONDS = 2.0
GUARD = "common.guard"


@dataclass(frozen=True)
class Session:
    """A process that leads a session; `started` is in seconds since the epoch."""

    pid: int
    started: float
    stop_signal: int = signal.SIGTERM
    seconds: float = 10.0


def leader(session: Session) -> psutil.Process | None:
    """Return the running process, or None if it has ended, even if another process has its pid now."""
    try:
        process = psutil.Process(session.pid)
        same = abs(process.create_time() - session.started) <= START_TOLERANCE_SECONDS
    except psutil.NoSuchProcess:
        return None
    return process if same and is_running(process) else None


def stop(session: Session) -> bool:
    """Stop a session's leader, then kill the rest; return False if nothing was running."""
    first = leader(session)
    family = _family(session, first)
    if first:
        with suppress(psutil.NoSuchProcess):
            first.send_signal(session.stop_signal)
        psutil.wait_procs([first], timeout=session.seconds)
        family |= _family(session, first)  # workers that were started while the leader was stopping
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=session.seconds)
    return bool(family)


def is_running(process: psutil.Process) -> bool:
    """Return whether a process runs and is no zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _family(session: Session, first: psutil.Process | None) -> set[psutil.Process]:
    """Collect the leader, its descendants and the members of its session, but no guard: a guard has work to do now."""
    found = set(_members(session))
    if first:
        with suppress(psutil.NoSuchProcess):
            found |= {first, *first.children(recursive=True)}
    return {process for process in found if not _is_guard(process)}


def _members(session: Session) -> Iterator[psutil.Process]:
    """Find what still runs in the session, whose number is the leader's pid."""
    if psutil.pid_exists(session.pid) and not leader(session) and not _is_zombie(session.pid):
        return  # the pid was recycled, so a session of this number belongs to another program
    for pid in psutil.pids():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(pid) != session.pid:
                continue
            process = psutil.Process(pid)
            if process.create_time() >= session.started - START_TOLERANCE_SECONDS and is_running(process):
                yield process


def _is_zombie(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return False


def _is_guard(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return GUARD in process.cmdline()
    return False

"""Run other programs to their end, and stop them on an interruption."""

import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from common import guard, sessions
from common.problems import SetupProblem
from common.sessions import Session

# On SIGTERM Terraform finishes the operations in progress and releases its state lock.
INTERRUPT_SECONDS = 10.0


def stream(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path, name: str
) -> Iterator[str]:
    """Run a command; yield its output lines and write them to a log. Raises SetupProblem if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    # A session of its own: Ctrl-C reaches only this process, which then stops the command in order.
    with (
        log.open("w") as record,
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as child,
    ):
        session = Session(child.pid, psutil.Process(child.pid).create_time(), seconds=INTERRUPT_SECONDS)
        try:
            guard.watch(session)
            for line in child.stdout or ():
                record.write(line)
                yield line.rstrip("\n")
            child.wait()
        except BaseException:
            sessions.stop(session)
            raise
    if child.returncode:
        raise SetupProblem(f"{name} failed: {last_line(log)} (whole output: {log})")


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path, name: str) -> None:
    """Run a command whose output only matters when it fails."""
    for _ in stream(command, folder=folder, environment=environment, log=log, name=name):
        pass


def show(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command with its output on this terminal; return its exit code.

    Ctrl-C reaches us alone and is passed on once each time: the first lets Terraform finish what is under way.
    """
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
    ) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                with suppress(ProcessLookupError):
                    child.send_signal(signal.SIGINT)


def last_line(log: Path) -> str:
    """Return the last informative line of a log, skipping make's own "Error 1"."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    told = (line.strip() for line in reversed(lines) if not re.match(r"make(\[\d+\])?: \*\*\*", line))
    return next(filter(None, told), "its log is empty")

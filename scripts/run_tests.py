"""Run the parts of `make test`: some in turn, the others beside them, and print one summary at the end.

Each part is a make target in a session of its own, so that an interruption reaches this program alone, which then stops
all parts.
"""

import argparse
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import psutil

from common import guard, interruption, sessions
from common.paths import BUILD, ROOT
from common.program import finish
from common.sessions import Session
from run_summary import Outcome, duration, short, summary

LOGS = BUILD / "test"
CHUNK_BYTES = 1 << 16
# Fixtures that stop a whole local cloud took 10 s on two busy processors.
STOP_SECONDS = 60.0
# Together with the part in turn, four on two processors: these parts wait for two thirds of their time.
BESIDE_AT_ONCE = 3


class Interrupted(Exception):
    """The run is over, so no further part is started."""


class Run:
    """The running parts, which are stopped together."""

    def __init__(self, make: Sequence[str], logs: Path, output: IO[bytes]) -> None:
        self._make, self._logs, self._output = make, logs, output
        self._lock = threading.Lock()
        self._running: set[Session] = set()
        self._stopped = False

    def part(self, name: str, *, shown: bool) -> Outcome:
        """Run a make target to its end; its output goes to a log, and to this terminal if `shown`."""
        started, log = time.monotonic(), self._logs / f"{name}.log"
        with log.open("wb") as record:
            child, session = self._start(name)
            with child:
                for chunk in _chunks(child.stdout):
                    record.write(chunk)
                    if shown:
                        self._show(chunk)
        with self._lock:
            self._running.discard(session)
        return Outcome(name, child.returncode, time.monotonic() - started, log)

    def beside(self, name: str) -> Outcome:
        """Run a part whose output is shown only if it fails."""
        outcome = self.part(name, shown=False)
        result = "failed" if outcome.code else "passed"
        self._show(f"make {name}: {result} in {duration(outcome.seconds)}\n".encode())
        return outcome

    def stop(self) -> None:
        """Stop all parts, and start no more."""
        with self._lock:
            self._stopped, running = True, list(self._running)
        with ThreadPoolExecutor(len(running) or 1) as pool:
            list(pool.map(sessions.stop, running))

    def _start(self, name: str) -> tuple[subprocess.Popen[bytes], Session]:
        # A make that runs this program has a job server, which the parts cannot reach.
        environment = {
            key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
        }
        with self._lock, interruption.postponed():
            if self._stopped:
                raise Interrupted
            child = subprocess.Popen(
                [*self._make, "--no-print-directory", name],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            session = Session(child.pid, psutil.Process(child.pid).create_time(), seconds=STOP_SECONDS)
            guard.watch(session)
            self._running.add(session)
        return child, session

    def _show(self, text: bytes) -> None:
        self._output.write(text)
        self._output.flush()


def main(arguments: Sequence[str]) -> int:
    """Run all parts; return 0 only if each of them passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="make test", help="the command that was typed")
    parser.add_argument("--make", default="make")
    parser.add_argument("--logs", type=Path, default=LOGS)
    parser.add_argument("--in-turn", nargs="+", required=True, metavar="TARGET")
    parser.add_argument("--beside", nargs="*", default=[], metavar="TARGET")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    given.logs.mkdir(parents=True, exist_ok=True)
    if given.beside:
        print(f"In parallel, with output in {short(given.logs)}: {', '.join(given.beside)}", flush=True)
    outcomes = run_all(Run(shlex.split(given.make), given.logs, sys.stdout.buffer), given.in_turn, given.beside)
    for outcome in outcomes:
        if outcome.code and outcome.part in given.beside:
            print(f"\nThe output of make {outcome.part}:\n{outcome.output}")
    print("\n".join(summary(given.name, outcomes, time.monotonic() - started)), flush=True)
    return 1 if any(outcome.code for outcome in outcomes) else 0


def run_all(run: Run, in_turn: Sequence[str], beside: Sequence[str]) -> list[Outcome]:
    """Run some parts in turn, and beside them some of the others at a time, in the order given."""
    with ThreadPoolExecutor(BESIDE_AT_ONCE) as pool:
        try:
            waiting = [pool.submit(run.beside, name) for name in beside]
            outcomes = [run.part(name, shown=True) for name in in_turn]
            return outcomes + [each.result() for each in waiting]
        except BaseException:
            run.stop()
            raise


def _chunks(stream: IO[bytes] | None) -> Iterator[bytes]:
    assert stream
    while chunk := os.read(stream.fileno(), CHUNK_BYTES):
        yield chunk


if __name__ == "__main__":
    interruption.end_in_order()
    sys.exit(finish("make test", lambda: main(sys.argv[1:])))

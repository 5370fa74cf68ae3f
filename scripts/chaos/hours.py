"""Speed up time: pauses of minutes end within seconds, and the poller runs continuously.

Work in progress keeps its real time: a create call (18 s at most) whose answer is awaited, and
media that are still being stored (seconds, here) of a job that has ended.
"""

import threading
import time
from contextlib import closing, suppress
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError
from pg8000.exceptions import DatabaseError, InterfaceError

from common.deployer import Deployer
from common.problems import SetupProblem
from mediagen.records.database import connect

LOOK_SECONDS = 4.0  # the schedule's five minutes
_JOBS = """
UPDATE jobs SET next_check_at = next_check_at - interval '1 minute'
WHERE next_check_at IS NOT NULL AND (status <> 'submitting' OR updated_at < now() - interval '25 seconds')
"""
_LEFTOVERS = """
UPDATE jobs SET erase_at = erase_at - interval '1 minute'
WHERE erase_at IS NOT NULL AND updated_at < now() - interval '1 minute'
"""
_CALLBACKS = """
UPDATE callbacks SET next_try_at = next_try_at - interval '1 minute' WHERE next_try_at IS NOT NULL
"""
_ABSENCES = "UPDATE absences SET first_at = first_at - interval '1 minute'"


class FastHours:
    """Speeds up time during a block; a fault may pause it."""

    def __init__(self, database_url: str, deployer: Deployer) -> None:
        self._database_url, self._deployer = database_url, deployer
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._pass, name="hours")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _pass(self) -> None:
        while not self._ended.is_set():
            started = time.monotonic()
            with suppress(DatabaseError, InterfaceError, OSError):
                self._shift()
            with suppress(SetupProblem, BotoCoreError, ClientError):
                self._deployer.poll()
            self._ended.wait(max(0.0, started + LOOK_SECONDS - time.monotonic()))

    def _shift(self) -> None:
        with closing(connect(self._database_url)) as connection:
            for statement in (_JOBS, _LEFTOVERS, _CALLBACKS, _ABSENCES):
                connection.run(statement)

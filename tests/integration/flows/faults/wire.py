"""The one way out of the functions: every step over a network or into another program passes here, in the tests.

The seams are in the libraries, below all of our own code: what our code does about a failure is what is tested.
`test_wire.py` sees to it that nothing of ours goes out by another way.
"""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pg8000.core import IDLE
from pg8000.native import Connection, PreparedStatement
from redis import Redis
from urllib3 import HTTPConnectionPool

import deliver_callback.sending
import mediagen.media.download
import mediagen.media.ffmpeg
import mediagen.records.database
from aws_requests.signatures import is_out_of_time
from integration.flows.faults.kinds import Fault, Killed, aws_finds_expired, protocol_of
from integration.flows.faults.names import command_name, request_name, statement_name
from mediagen.outbound.http_exchange import exchange
from mediagen.records.database import connect


@dataclass
class Wire:
    """Watches the steps of one flow at a time, and lets some of them fail until it is told to stop.

    `is_dead`: whether the last flow was killed; `steps_to_live`: how many more steps are taken before the process is
    killed; `meanwhile`: what another actor does just before a step.
    """

    queues: Mapping[str, str]
    replicate_url: str
    steps: list[str] = field(default_factory=list)
    failing: dict[str, Fault] = field(default_factory=dict)
    hits: int = 0
    is_dead: bool = False
    repeated: int = 0
    steps_to_live: int | None = None
    meanwhile: tuple[str, Callable[[], object]] | None = None
    _is_watching: bool = False
    _when_nobody_waits: list[Callable[[], object]] = field(default_factory=list)
    _when_all_is_over: list[Callable[[], object]] = field(default_factory=list)

    def fail(self, step: str, fault: Fault) -> None:
        """Let a step fail from now on, or all steps of a server, such as `redis`."""
        self.failing[step] = fault

    def stop(self) -> None:
        """End all faults."""
        self.failing.clear()
        self.steps_to_live = self.meanwhile = None

    def forget(self) -> None:
        """End all faults, and drop what a broken-off history has left on its way."""
        self.stop()
        self.steps.clear()
        self.hits = self.repeated = 0
        for waiting in (self._when_nobody_waits, self._when_all_is_over):
            waiting.clear()

    def end(self) -> None:
        """Let arrive what is still on its way."""
        _do_all(self._when_all_is_over)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what a flow does in this block; a kill ends it. What hung in it is done once it has given up."""
        self._is_watching, self.is_dead = True, False
        try:
            yield
        except Killed:
            pass
        finally:
            self._is_watching = False
            _do_all(self._when_nobody_waits)

    def step[T](self, name: str, act: Callable[[], T], again: Callable[[], object] | None = None) -> T:
        """Take a step, or fail at it. `again` does it from outside of the function, where that is possible."""
        if not self._is_watching:
            return act()
        if self.is_dead:
            raise Killed(name)
        self.steps.append(name)
        self._happens_before(name)
        fault = self.failing.get(name) or self.failing.get(name.partition(" ")[0])
        if fault is None:
            return act()
        self.hits += 1
        return self._failed(name, fault, act, again or act)

    def _happens_before(self, name: str) -> None:
        if self.steps_to_live is not None:
            self.steps_to_live -= 1
            if self.steps_to_live < 0:
                self._die(name)
        if self.meanwhile and self.meanwhile[0] == name:
            (_, act), self.meanwhile, self._is_watching = self.meanwhile, None, False
            act()
            self._is_watching = True
            self.hits += 1

    def _failed[T](self, name: str, fault: Fault, act: Callable[[], T], again: Callable[[], object]) -> T:
        protocol = protocol_of(name)
        match fault:
            case Fault.ERROR:
                raise protocol.error()
            case Fault.LOST:
                act()
                raise protocol.lost()
            case Fault.HANG | Fault.LATE:
                late = self._when_all_is_over if fault is Fault.LATE else self._when_nobody_waits
                late.append(again)
                raise protocol.silent()
            case Fault.KILLED_BEFORE:
                self._die(name)
            case Fault.KILLED_AFTER:
                act()
                self._die(name)
            case Fault.THROTTLED:
                assert protocol.refuse
                return protocol.refuse(name)  # type: ignore[no-any-return]
            case Fault.TWICE:
                self.repeated += 1
                act()
                return act()
            case Fault.STALE:
                assert protocol.outdate
                return protocol.outdate(name, act())  # type: ignore[no-any-return]
        raise AssertionError(fault)

    def _die(self, name: str) -> None:
        self.is_dead, self.steps_to_live = True, None
        raise Killed(name)

    # the seams
    def install(self, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
        """Put the seams into the libraries."""
        self._install_http(monkeypatch)
        self._install_postgres(monkeypatch, database_url)
        self._install_redis(monkeypatch)
        self._install_programs(monkeypatch)

    def _install_http(self, monkeypatch: pytest.MonkeyPatch) -> None:
        urlopen = HTTPConnectionPool.urlopen

        def sent(pool: Any, method: str, url: str, body: Any = None, headers: Any = None, **more: Any) -> Any:
            def act() -> Any:
                return urlopen(pool, method, url, body=body, headers=headers, **more)

            if not self._is_watching:  # others send what has no such name
                return act()
            if isinstance(body, Iterator):  # of a file, which is gone once nobody waits
                body = b"".join(body)
            given = headers or {}
            step = request_name(pool, method, url, body, given, self.replicate_url, self.queues)
            return self.step(step, lambda: aws_finds_expired(step) if _has_expired(given) else act())

        @contextmanager
        def exchanged(outgoing: Any, destination: Any, **more: Any) -> Iterator[Any]:
            with ExitStack() as opened:

                def act() -> Any:
                    return opened.enter_context(exchange(outgoing, destination, **more))

                yield self.step(f"outgoing {outgoing.method}", act)

        monkeypatch.setattr(HTTPConnectionPool, "urlopen", sent)
        monkeypatch.setattr(mediagen.media.download, "exchange", exchanged)
        monkeypatch.setattr(deliver_callback.sending, "exchange", exchanged)

    def _install_postgres(self, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
        prepare, run = Connection.prepare, PreparedStatement.run

        def prepared(connection: Any, sql: str) -> Any:
            statement = prepare(connection, sql)
            statement.sql = sql
            return statement

        def connected(*given: Any, **more: Any) -> Any:
            return self.step("postgres connect", lambda: connect(*given, **more))

        def ran(statement: Any, **values: Any) -> Any:
            def act() -> Any:
                return run(statement, **values)

            def again() -> None:
                with closing(connect(database_url)) as connection:
                    run(prepare(connection, statement.sql), **values)

            # What was in a transaction is rolled back with its connection.
            alone = statement.con._transaction_status == IDLE
            return self.step(statement_name(2), act, again if alone else _nothing)

        monkeypatch.setattr(mediagen.records.database, "connect", connected)
        monkeypatch.setattr(Connection, "prepare", prepared)
        monkeypatch.setattr(PreparedStatement, "run", ran)

    def _install_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        execute: Any = Redis.execute_command

        def executed(client: Any, *words: Any, **options: Any) -> Any:
            return self.step(command_name(words), lambda: execute(client, *words, **options))

        monkeypatch.setattr(Redis, "execute_command", executed)

    def _install_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Watch the programs of the functions only: the simulator runs ffmpeg too, whenever it comes to it."""

        def started(*given: Any, **more: Any) -> Any:
            return self.step("ffmpeg", lambda: subprocess.Popen(*given, **more), _nothing)

        watched = SimpleNamespace(**{name: getattr(subprocess, name) for name in dir(subprocess)} | {"Popen": started})
        monkeypatch.setattr(mediagen.media.ffmpeg, "subprocess", watched)


def _has_expired(headers: Mapping[str, str]) -> bool:
    """Tell whether a signed request arrives too late: the time of the tests may have moved on since it was signed."""
    signed = headers.get("X-Amz-Date")
    return signed is not None and is_out_of_time(signed, datetime.now(UTC))


def _nothing() -> None:
    pass


def _do_all(waiting: list[Callable[[], object]]) -> None:
    while waiting:
        waiting.pop(0)()

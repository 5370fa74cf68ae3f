"""The server of the double, and what it reports."""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, socket

from rds_proxy import entry
from rds_proxy.backend import Pool
from rds_proxy.messages import Refused
from rds_proxy.session import Session
from rds_proxy.tokens import Verifier

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """Address of the instance, accepted roles, and limits.

    `passwords` are those of the roles, as the proxy's secrets have them; `certificate` is a PEM file with its key.
    """

    host: str
    port: int
    passwords: Mapping[str, str] = field(repr=False)
    certificate: Path
    most_connections: int = 90
    borrow_seconds: float = 5  # as terraform/modules/database/proxy.tf has it
    idle_seconds: float = 1800
    most_clients: int = 1000


@dataclass
class Report:
    """Counts of a proxy: open and all sessions, pinned sessions by reason, refusals by SQLSTATE."""

    clients: int = 0
    sessions: int = 0
    pinned_now: int = 0
    pinned: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class Proxy:
    """Serves clients. Made within the event loop that runs it."""

    def __init__(self, settings: Settings, verifier: Verifier, report: Report, note: Callable[[str], None]) -> None:
        self._settings = settings
        self._verifier = verifier
        self._report = report
        self._note = note
        self._numbers = count(1)
        self._pool = Pool(
            settings.host, settings.port, settings.passwords, settings.most_connections, settings.borrow_seconds
        )
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(settings.certificate)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        self._report.clients += 1
        # asyncio does so only for sockets that name their protocol; without it a statement takes 45 ms instead of 0.4.
        writer.get_extra_info("socket").setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        try:
            await self._serve(reader, writer)
        except Refused as refused:
            self._report.refused[refused.state] += 1
            self._note(f"refused {refused.state} {refused} {refused.__cause__ or ''}")
            with suppress(OSError):
                writer.write(refused.raw())
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client or the instance disconnected
        finally:
            self._report.clients -= 1
            with suppress(OSError):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parameters = await entry.secure(reader, writer, self._tls)
        if parameters is None:
            return
        if self._report.clients > self._settings.most_clients:
            most = self._settings.most_clients
            raise Refused("53300", f"The maximum number of client connections to the proxy exceeded {most}.")
        target = entry.target_of(parameters)
        await entry.authenticate(
            reader, writer, target[0], roles=self._settings.passwords.keys(), verifier=self._verifier
        )
        self._report.sessions += 1
        session = Session(
            next(self._numbers), target, reader, writer, self._pool, self._settings.idle_seconds, self._note_pin
        )
        try:
            await session.run()
        finally:
            self._report.pinned_now -= session.pinned is not None

    def _note_pin(self, session: Session, why: str) -> None:
        self._report.pinned[why] += 1
        self._report.pinned_now += 1
        backend = session.backend.number if session.backend else 0
        self._note(
            f"[clientConnection={session.number}] The client session was pinned to the database connection "
            f"[dbConnection={backend}] for the remainder of the session. Reason: {why}."
        )


async def serve(
    listening: socket, settings: Settings, verifier: Verifier, report: Report, note: Callable[[str], None]
) -> None:
    """Serve clients on a listening socket until this is canceled."""
    proxy = Proxy(settings, verifier, report, note)
    async with await asyncio.start_server(proxy.serve, sock=listening) as server:
        await server.serve_forever()


@contextmanager
def running_proxy(listening: socket, settings: Settings, verifier: Verifier) -> Iterator[Report]:
    """Run a proxy in a thread of its own during a block."""
    report, runner = Report(), asyncio.Runner()
    loop = runner.get_loop()
    serving = loop.create_task(serve(listening, settings, verifier, report, lambda _: None))

    def run() -> None:
        with runner, suppress(asyncio.CancelledError):  # its end cancels the sessions
            runner.get_loop().run_until_complete(serving)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield report
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(10)

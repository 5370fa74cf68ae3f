"""Connections to the instance, logged in with passwords, and the pool that lends them."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

import scramp

from rds_proxy import messages
from rds_proxy.messages import IDLE, Message, Refused, pack, read

type Target = tuple[str, str]  # role and database
_SASL, _SASL_CONTINUE, _SASL_FINAL, _OK = 10, 11, 12, 0
_NUMBERS = count(1)


@dataclass(eq=False)
class Backend:
    """One connection to the instance; `status` is that of its transaction, `number` its name in the log."""

    target: Target
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    parameters: list[bytes] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_NUMBERS))
    status: bytes = IDLE
    last_client: int = 0

    def close(self) -> None:
        self.writer.write(pack(b"X", b""))
        self.writer.close()

    async def reset(self) -> None:
        """Forget the state of a session."""
        self.writer.write(pack(b"Q", b"DISCARD ALL\0"))
        while (await read(self.reader)).kind != b"Z":
            pass

    async def is_alive(self) -> bool:
        """Return whether the instance has said nothing since: whatever it says to an idle connection is its end."""
        try:
            async with asyncio.timeout(0):
                await self.reader.read(1)
        except TimeoutError:
            return True
        except OSError:
            pass
        return False


@dataclass
class Pool:
    """Lends connections to clients, at most `most` at a time; each waits `borrow_seconds` for one."""

    host: str
    port: int
    passwords: Mapping[str, str] = field(repr=False)
    most: int
    borrow_seconds: float
    opened: int = 0
    _idle: deque[Backend] = field(default_factory=deque)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def borrow(self, target: Target, client: int) -> Backend:
        """Lend a connection, not the client's last one if there is a choice. Raises Refused."""
        try:
            async with asyncio.timeout(self.borrow_seconds):
                backend = await self._take(target, client)
        except TimeoutError:
            raise Refused("08000", "Timed-out waiting to acquire database connection.") from None
        backend.last_client = client
        return backend

    async def give_back(self, backend: Backend, *, is_pinned: bool) -> None:
        """Take a connection back; one that is broken, or within a transaction, ends."""
        is_usable = backend.status == IDLE and await backend.is_alive()
        if is_usable and is_pinned:
            try:
                await backend.reset()
            except (OSError, asyncio.IncompleteReadError):
                is_usable = False
        async with self._changed:
            if is_usable:
                self._idle.append(backend)
            else:
                self._end(backend)
            self._changed.notify_all()

    async def close(self) -> None:
        async with self._changed:
            for backend in self._idle:
                backend.close()
            self._idle.clear()

    async def _take(self, target: Target, client: int) -> Backend:
        async with self._changed:
            while True:
                if found := self._found(target, client):
                    self._idle.remove(found)
                    if await found.is_alive():
                        return found
                    self._end(found)
                elif self.opened < self.most:
                    self.opened += 1
                    break
                else:
                    await self._changed.wait()
        try:
            return await self._open(target)
        except BaseException:
            self.opened -= 1
            raise

    def _found(self, target: Target, client: int) -> Backend | None:
        """Find an idle connection; if the pool is full, close one of another role or database to open a new one."""
        fitting = [backend for backend in self._idle if backend.target == target]
        others = [backend for backend in fitting if backend.last_client != client]
        is_full = self.opened >= self.most
        if is_full and not fitting and self._idle:
            self._end(self._idle.popleft())
        return next(iter(others or (fitting if is_full else ())), None)

    def _end(self, backend: Backend) -> None:
        self.opened -= 1
        backend.close()

    async def _open(self, target: Target) -> Backend:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        backend = Backend(target, reader, writer)
        user, database = target
        writer.write(messages.startup({"user": user, "database": database, "client_encoding": "UTF8"}))
        scram = scramp.ScramClient(["SCRAM-SHA-256"], user, self.passwords[user])
        while (message := await read(reader)).kind != b"Z":
            if message.kind == b"R":
                _answer(message, scram, writer)
            elif message.kind == b"S":
                backend.parameters.append(message.raw)
            elif message.kind == b"E":
                writer.close()
                raise _refused(message)
        return backend


def _answer(message: Message, scram: scramp.ScramClient, writer: asyncio.StreamWriter) -> None:
    """Take the next step of SCRAM: https://www.postgresql.org/docs/current/sasl-authentication.html"""
    step, data = int.from_bytes(message.body[:4]), message.body[4:]
    if step == _SASL:
        first = scram.get_client_first().encode()
        writer.write(pack(b"p", b"SCRAM-SHA-256\0" + len(first).to_bytes(4) + first))
    elif step == _SASL_CONTINUE:
        scram.set_server_first(data.decode())
        writer.write(pack(b"p", scram.get_client_final().encode()))
    elif step == _SASL_FINAL:
        scram.set_server_final(data.decode())
    elif step != _OK:
        raise Refused("28000", "the instance does not ask for SCRAM-SHA-256")


def _refused(message: Message) -> Refused:
    fields = {text[:1]: text[1:] for text in message.texts() if text}
    return Refused(fields.get("C", "08000"), f"Request returned an error: {fields.get('M', 'unknown')}")

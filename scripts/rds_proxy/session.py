"""One client's session: a connection is borrowed for each transaction, or kept once the session is pinned."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from rds_proxy import pinning
from rds_proxy.backend import Backend, Pool, Target
from rds_proxy.messages import AUTHENTICATION_OK, IDLE, Message, Refused, pack, read

_COPYING = (b"G", b"W")
_AT_ONCE_BYTES = 1 << 16


@dataclass
class Session:
    """Forwards a client's messages, one cycle at a time; `number` is the client's name in the log."""

    number: int
    target: Target
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pool: Pool
    idle_seconds: float
    note_pin: Callable[["Session", str], None]
    backend: Backend | None = None
    pinned: str | None = None
    _cycle: list[Message] = field(default_factory=list)

    async def run(self) -> None:
        """Serve the client until it leaves. Raises Refused."""
        try:
            await self._greet()
            async for cycle in self._cycles():
                await self._pass_on(cycle)
        finally:
            await self._release(is_over=True)

    async def _greet(self) -> None:
        """Log in at the instance at once, so that a wrong database is refused with the login."""
        backend = await self._borrowed()
        key = pack(b"K", os.urandom(8))
        self.writer.write(AUTHENTICATION_OK + b"".join(backend.parameters) + key + pack(b"Z", IDLE))
        await self._release()

    async def _cycles(self) -> AsyncIterator[list[Message]]:
        """Give the client's messages up to each Sync or simple query; a transaction cannot end before it."""
        cycle: list[Message] = []
        while True:
            try:
                async with asyncio.timeout(self.idle_seconds):
                    message = await read(self.reader)
            except TimeoutError:
                raise Refused("57P05", "The idle client connection was closed.") from None
            if message.kind == b"X":
                return
            cycle.append(message)
            if message.kind in b"QSF":
                yield cycle
                cycle = []

    async def _pass_on(self, cycle: list[Message]) -> None:
        backend = await self._borrowed()
        for message in cycle:
            self._look_for_pins(message)
        backend.writer.write(b"".join(message.raw for message in cycle))
        answers = bytearray()
        while True:
            answer = await read(backend.reader)
            if answer.kind in _COPYING:
                raise Refused("0A000", "COPY is not part of this double.")
            answers += answer.raw
            if answer.kind == b"Z" or len(answers) > _AT_ONCE_BYTES:
                self.writer.write(bytes(answers))
                answers.clear()
            if answer.kind == b"Z":
                backend.status = answer.body
                break
        await self.writer.drain()
        if backend.status == IDLE and not self.pinned:
            await self._release()

    def _look_for_pins(self, message: Message) -> None:
        if not self.pinned and (why := pinning.reason(message)):
            self.pinned = why
            self.note_pin(self, why)

    async def _borrowed(self) -> Backend:
        if self.backend is None:
            self.backend = await self.pool.borrow(self.target, self.number)
        return self.backend

    async def _release(self, *, is_over: bool = False) -> None:
        backend, self.backend = self.backend, None
        if backend is None:
            return
        if is_over and not self.pinned:
            backend.status = b"?"  # it left within a transaction
        with suppress(OSError):
            await self.pool.give_back(backend, is_pinned=self.pinned is not None)

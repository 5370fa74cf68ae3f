"""TLS and IAM before a real Redis, whose answers are passed on as they are.

The front replaces one thing: the password of AUTH and HELLO. A valid token becomes the password that the user
has in Redis, any other becomes a wrong one; so NOAUTH, WRONGPASS and NOPERM are Redis's own. ElastiCache disconnects
12 hours after the last login: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-limits
"""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from elasticache.tokens import TokenRefused, Verifier
from local_cloud.ports import HOST

SESSION_SECONDS = 12 * 60 * 60.0
PIECE = 64 * 1024
_GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError)


@dataclass(frozen=True)
class Backend:
    """The Redis behind the front, and the password that the one user has there."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)


@dataclass
class Front:
    """Passes connections on. `refusals` keeps why tokens were refused, `logins` counts the others."""

    backend: Backend
    verifier: Verifier
    session_seconds: float = SESSION_SECONDS
    tell: Callable[[str], None] = lambda text: None
    refusals: list[str] = field(default_factory=list)
    logins: int = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Pass one connection on until either side closes it or its session ends."""
        with suppress(*_GONE):
            answers, questions = await asyncio.open_connection(self.backend.host, self.backend.port)
            back = asyncio.create_task(_pour(answers, writer))
            try:
                await self._ask(reader, questions)
            finally:
                questions.close()
                back.cancel()
        writer.close()

    async def _ask(self, reader: StreamReader, questions: StreamWriter) -> None:
        ends = asyncio.get_running_loop().time() + self.session_seconds
        while True:
            async with asyncio.timeout_at(ends):
                words = await _read_command(reader)
            at = _login_at(words)
            if at is not None:
                is_good = self._is_good(words[at], words[at + 1])
                words[at + 1] = self.backend.password.encode() if is_good else b"refused"
                if is_good:
                    ends = asyncio.get_running_loop().time() + self.session_seconds
            questions.write(_written(words))
            await questions.drain()

    def _is_good(self, user: bytes, token: bytes) -> bool:
        try:
            if user.decode() != self.backend.user:
                raise TokenRefused("there is no such user")
            self.verifier.verify(user.decode(), token.decode())
        except (TokenRefused, UnicodeDecodeError) as refused:
            self.refusals.append(str(refused))
            self.tell(f"a token of {user!r} is refused: {refused}")
            return False
        self.logins += 1
        return True


async def listen(front: Front, certificate: str, port: int) -> asyncio.Server:
    """Listen on this machine for connections to a front."""
    context = server_context(certificate)
    return await asyncio.start_server(front.serve, HOST, port, ssl=context, backlog=500)


def server_context(certificate: str) -> ssl.SSLContext:
    """Return the context of a server; the file holds its key and its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def _pour(source: StreamReader, target: StreamWriter) -> None:
    with suppress(*_GONE):
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    target.close()


def _login_at(words: Sequence[bytes]) -> int | None:
    """Return the index of the user in a login command; AUTH with only a password is for the user `default`."""
    names = [word.upper() for word in words[:3]]
    if names[:1] == [b"AUTH"] and len(words) == 3:
        return 1
    return 3 if names[:1] == [b"HELLO"] and names[2:] == [b"AUTH"] and len(words) >= 5 else None


async def _read_command(reader: StreamReader) -> list[bytes]:
    """Read one command: https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    line = (await reader.readuntil(b"\r\n")).rstrip()
    if not line.startswith(b"*"):
        return line.split()
    words = []
    for _ in range(int(line[1:])):
        size = int((await reader.readuntil(b"\r\n"))[1:])
        words.append((await reader.readexactly(size + 2))[:-2])
    return words


def _written(words: Sequence[bytes]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)

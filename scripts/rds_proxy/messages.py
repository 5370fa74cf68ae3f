"""Messages of PostgreSQL's protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html"""

import asyncio
import struct
from dataclasses import dataclass

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
PROTOCOL_3_0 = 196608
LONGEST = 64 * 1024 * 1024
AUTHENTICATION_OK = struct.pack("!ciI", b"R", 8, 0)
CLEAR_TEXT_PASSWORD = struct.pack("!ciI", b"R", 8, 3)
IDLE = b"I"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its type, and all of its bytes."""

    kind: bytes
    raw: bytes

    @property
    def body(self) -> bytes:
        return self.raw[5:]

    def texts(self) -> list[str]:
        """Return the zero-terminated strings the body begins with, for as far as it has some."""
        return [text.decode(errors="replace") for text in self.body.split(b"\0")]


class Refused(Exception):
    """A client is refused with an error of PostgreSQL's."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state

    def raw(self) -> bytes:
        """Return the ErrorResponse."""
        fields = {"S": "FATAL", "V": "FATAL", "C": self.state, "M": str(self)}
        body = b"".join(f"{name}{text}".encode() + b"\0" for name, text in fields.items()) + b"\0"
        return pack(b"E", body)


def pack(kind: bytes, body: bytes) -> bytes:
    """Return a message with its length."""
    return kind + struct.pack("!i", len(body) + 4) + body


async def read(reader: asyncio.StreamReader) -> Message:
    """Read one message. Raises IncompleteReadError when the other side has gone."""
    head = await reader.readexactly(5)
    length = int.from_bytes(head[1:])
    if not 4 <= length <= LONGEST:
        raise Refused("08P01", "invalid message length")
    return Message(head[:1], head + await reader.readexactly(length - 4))


async def read_startup(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read a message that has no type: its code and the rest."""
    length = int.from_bytes(await reader.readexactly(4))
    if not 8 <= length <= 10_000:  # PostgreSQL's own limit
        raise Refused("08P01", "invalid length of startup packet")
    body = await reader.readexactly(length - 4)
    return int.from_bytes(body[:4]), body[4:]


def startup(parameters: dict[str, str]) -> bytes:
    """Return a start-up message."""
    body = b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items()) + b"\0"
    return struct.pack("!iI", len(body) + 8, PROTOCOL_3_0) + body


def parameters_of(body: bytes) -> dict[str, str]:
    """Read the parameters of a start-up message."""
    words = [word.decode() for word in body.removesuffix(b"\0").removesuffix(b"\0").split(b"\0")]
    return dict(zip(words[::2], words[1::2], strict=True))

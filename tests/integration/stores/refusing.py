"""A server that refuses every login with a PostgreSQL error, as RDS Proxy does."""

import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from integration.wire import running


@dataclass
class Refusals:
    """The server's `port`, its number of `connections`, and the names of the last start-up message's `parameters`."""

    port: int = 0
    connections: int = 0
    parameters: set[str] = field(default_factory=set)


@contextmanager
def refusing_server(state: str, message: str) -> Iterator[Refusals]:
    """Answer each start-up message with an ErrorResponse.

    Format of both: https://www.postgresql.org/docs/current/protocol-message-formats.html
    """
    seen = Refusals()
    fields = {"S": "FATAL", "C": state, "M": message}
    body = b"".join(name.encode() + text.encode() + b"\0" for name, text in fields.items()) + b"\0"

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            seen.connections += 1
            [length] = struct.unpack("!i", self.rfile.read(4))
            words = self.rfile.read(length - 4)[4:].split(b"\0")
            seen.parameters = {word.decode() for word in words[::2] if word}
            self.wfile.write(b"E" + struct.pack("!i", len(body) + 4) + body)

    with running(Handler) as port:
        seen.port = port
        yield seen

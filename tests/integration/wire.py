"""Small TCP servers that count round trips, never answer, or answer byte by byte."""

import selectors
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

PIECE = 64 * 1024
DROP_SECONDS = 0.02


@dataclass
class Counts:
    """Counts `connections` opened, and `turns`: how often the client sent after the server had sent (or first)."""

    port: int = 0
    connections: int = 0
    turns: int = 0

    @property
    def round_trips(self) -> int:
        """Return turns plus connections, because opening a connection is also a round trip."""
        return self.connections + self.turns

    def reset(self) -> None:
        self.connections = self.turns = 0


@contextmanager
def counting_proxy(target_url: str) -> Iterator[Counts]:
    """Forward all bytes to the server of a URL and count round trips."""
    parts = urlsplit(target_url)
    counts = Counts()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            counts.connections += 1
            with socket.create_connection((parts.hostname or "", parts.port or 0)) as server:
                pass_on(self.request, server, counts)

    with running(Handler) as port:
        counts.port = port
        yield counts


def pass_on(client: socket.socket, server: socket.socket, counts: Counts) -> None:
    """Copy bytes both ways until one side ends."""
    spoke_last: socket.socket | None = None
    with selectors.DefaultSelector() as selector:
        for side in (client, server):
            selector.register(side, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                side = client if key.fileobj is client else server
                try:
                    piece = side.recv(PIECE)
                except OSError:
                    return
                if not piece:
                    return
                counts.turns += side is client and spoke_last is not client
                spoke_last = side
                (server if side is client else client).sendall(piece)


@contextmanager
def silent_server() -> Iterator[Counts]:
    counts, ended = Counts(), threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            counts.connections += 1
            ended.wait()

    try:
        with running(Handler) as port:
            counts.port = port
            yield counts
            ended.set()
    finally:
        ended.set()


@dataclass
class Drops:
    """The server's `port`, and how many bytes it could send."""

    port: int = 0
    sent: int = 0


@contextmanager
def dripping_server(beginning: bytes, *, drops: int) -> Iterator[Drops]:
    """Answer with a beginning and then byte by byte, each well before a time-out."""
    counted, ended = Drops(), threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(PIECE)
            with suppress(OSError):
                self.request.sendall(beginning)
                while counted.sent < drops and not ended.wait(DROP_SECONDS):
                    self.request.sendall(b".")
                    counted.sent += 1

    try:
        with running(Handler) as port:
            counted.port = port
            yield counted
            ended.set()
    finally:
        ended.set()


@contextmanager
def resetting_server() -> Iterator[Counts]:
    """Reset every connection that sends a request."""
    counts = Counts()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            counts.connections += 1
            self.request.recv(PIECE)
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with running(Handler) as port:
        counts.port = port
        yield counts


@contextmanager
def running(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """Serve on a free local port, each connection in a thread; yield the port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def at_port(url: str, port: int) -> str:
    """Return the URL of the same server at another port."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{host[0]}{host[1]}127.0.0.1:{port}").geturl()


def closed_port() -> int:
    """Return a local port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])

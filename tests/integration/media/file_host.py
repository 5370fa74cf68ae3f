"""A real HTTP(S) server that serves files badly on purpose, and records what it was asked."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

type Reply = Callable[[BaseHTTPRequestHandler], None]

DRIP_SECONDS = 0.01


@dataclass
class FileHost:
    """`replies` by path; `requests` are the paths and lower-case headers that arrived, in order, `bodies` of each."""

    scheme: str
    port: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def origin(self, host: str = "127.0.0.1") -> str:
        """Name this server as a rule does."""
        return f"{self.scheme}://{host}:{self.port}"

    def serve(self, path: str, reply: Reply, host: str = "127.0.0.1") -> str:
        """Set the reply for a path and return its URL."""
        self.replies[path] = reply
        return self.origin(host) + path

    def drip(self, start: bytes, drop: bytes) -> Reply:
        """Reply that sends `start` and then `drop` again and again until it is left alone."""

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(start)
            while not self.closing.wait(DRIP_SECONDS):
                handler.wfile.write(drop)

        return reply

    def silence(self, start: bytes) -> Reply:
        """Reply that sends `start` and then nothing, without closing."""

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(start)
            handler.rfile.read(1)  # returns when the client goes

        return reply


def raw(content: bytes) -> Reply:
    """Reply with these very bytes, headers included, and close."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(content)

    return reply


def body(content: bytes, headers: Mapping[str, str] | None = None, status: int = 200) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return reply


def redirect(location: str, status: int = 302) -> Reply:
    return body(b"", {"Location": location}, status)


def _handler(host: FileHost) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            with suppress(ConnectionError, ssl.SSLError):  # the client may go at any time
                host.replies[self.path](self)

        def do_POST(self) -> None:
            host.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that refuse a certificate are the point of some tests."""


@contextmanager
def file_host(tls: ssl.SSLContext | None = None) -> Iterator[FileHost]:
    """Run a file host on a free port of 127.0.0.1 for the length of the block."""
    host = FileHost("https" if tls else "http")
    with _Server(("127.0.0.1", 0), _handler(host)) as server:
        host.port = server.server_port
        if tls:
            tls.sni_callback = lambda _, name, __: host.server_names.append(name)
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield host
        finally:
            host.closing.set()
            server.shutdown()
            thread.join()

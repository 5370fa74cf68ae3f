"""A real HTTP(S) server that misbehaves as scripted, and records its requests."""

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
    """`replies` by path; `requests` are the paths and lower-case headers in order, `bodies` those of each request."""

    scheme: str
    port: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def origin(self, host: str = "127.0.0.1") -> str:
        """Return this server's origin in the form of a rule."""
        return f"{self.scheme}://{host}:{self.port}"

    def serve(self, path: str, reply: Reply, host: str = "127.0.0.1") -> str:
        """Set the reply for a path and return its URL."""
        self.replies[path] = reply
        return self.origin(host) + path

    def drip(self, start: bytes, drop: bytes) -> Reply:
        """Reply with `start`, then with `drop` repeatedly until the client leaves."""

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(start)
            while not self.closing.wait(DRIP_SECONDS):
                handler.wfile.write(drop)

        return reply

    def silence(self, start: bytes) -> Reply:
        """Reply with `start` and then nothing, without closing."""

        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(start)
            handler.rfile.read(1)  # returns when the client disconnects

        return reply


def raw(content: bytes) -> Reply:
    """Reply with exactly these bytes, headers included, and close."""

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
            with suppress(ConnectionError, ssl.SSLError):  # the client may disconnect at any time
                host.replies[self.path](self)

        def do_POST(self) -> None:
            host.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors, because some tests are about clients that refuse a certificate."""


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

"""The HTTP server, and a way to run it inside a test."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from replicate_simulator.answers import CUT, Answer, Request, problem
from replicate_simulator.routes import handle
from replicate_simulator.settings import Settings
from replicate_simulator.simulator import Simulator

_HOST = "127.0.0.1"
_LARGEST_BODY = 10 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "ReplicateSimulator", ""
    disable_nagle_algorithm = True
    timeout = 75  # seconds an idle keep-alive connection is held
    server: "_Server"

    def answer(self) -> None:
        """Read and answer the request; keep the connection open if possible."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self._send(Answer(413, problem(413, "Request body too large.").body, close=True))
            return
        self._send(handle(self.server.simulator, self._request(self.rfile.read(length))))

    do_GET = do_HEAD = do_QUERY = do_POST = do_DELETE = do_PUT = do_PATCH = answer

    def _request(self, body: bytes) -> Request:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(self.command, unquote(parts.path), query, self.headers, body)

    def _send(self, answer: Answer) -> None:
        self.close_connection = self.close_connection or answer.close
        if answer is CUT:
            return
        self.send_response(answer.status)
        for name, value in (dict(answer.headers) | self._framing(answer)).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer)

    def _framing(self, answer: Answer) -> dict[str, str]:
        framing = {"Connection": "close"} if answer.close else {}
        if answer.chunks is None:
            return framing | {"Content-Length": str(len(answer.body))}
        if "Content-Length" in answer.headers or answer.close:
            return framing
        return {"Transfer-Encoding": "chunked"}

    def _send_body(self, answer: Answer) -> None:
        if answer.chunks is None:
            self.wfile.write(answer.body)
            return
        chunked = not answer.close and "Content-Length" not in answer.headers
        for chunk in answer.chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.simulator.settings.verbose:
            super().log_message(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: Settings) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__((_HOST, settings.port), _Handler)
        try:
            self.simulator = Simulator(settings, f"http://{_HOST}:{self.server_port}")
        except BaseException:
            self.server_close()
            raise

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Also close idle connections, because a stopped simulator must not answer a client that pools them."""
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnected; print all other errors."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class RunningSimulator:
    """A simulator that answers at `url` until it is closed."""

    def __init__(self, settings: Settings) -> None:
        self._server = _Server(settings)
        self.simulator = self._server.simulator
        self.settings, self.url = settings, self.simulator.url
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="simulator")
        self._thread.start()

    def close(self) -> None:
        """Stop answering and stop everything that runs; may be called twice."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.simulator.close()


@contextmanager
def running_simulator(**options: Any) -> Iterator[RunningSimulator]:
    """Run a simulator on a free port; the options are the fields of Settings."""
    running = RunningSimulator(Settings(**options))
    try:
        yield running
    finally:
        running.close()

"""A proxy in front of SQS that can simulate failures."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LATE_SECONDS = 0.5


@dataclass
class Proxied:
    """URL, current failure mode ("": pass everything on), and the bodies that reached the queue."""

    target: str
    url: str = ""
    fault: str = ""
    bodies_taken: list[str] = field(default_factory=list)


@contextmanager
def queue_proxy(target: str) -> Iterator[Proxied]:
    proxied = Proxied(target)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxied))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    proxied.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxied
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(proxied: Proxied) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fault = proxied.fault
            if fault == "refuses":
                self._answer(503, b'{"__type": "ServiceUnavailable"}')
                return
            if fault == "answers late":
                time.sleep(LATE_SECONDS)
            status, answer = self._pass_on(body)
            proxied.bodies_taken.append(body.decode())
            if fault == "loses one answer":
                proxied.fault = ""
            if fault not in ("loses the answer", "loses one answer"):
                self._answer(status, answer)

        def _pass_on(self, body: bytes) -> tuple[int, bytes]:
            parts = urlsplit(proxied.target)
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
            try:
                connection.request("POST", self.path, body, dict(self.headers.items()))
                response = connection.getresponse()
                return response.status, response.read()
            finally:
                connection.close()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler

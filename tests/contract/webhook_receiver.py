"""A real HTTP receiver that records every webhook and returns scripted answers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One received request; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def prediction(self) -> dict[str, Any]:
        document = json.loads(self.body)
        assert isinstance(document, dict)
        return document


class Receiver:
    """Answers with the statuses in `answers`, in order, and then with 200."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[int] = []
        self.received: list[Received] = []
        self._changed = threading.Condition()

    def url(self, path: str = "/webhook?jobId=job-1", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def take(self, received: Received) -> int:
        with self._changed:
            self.received.append(received)
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def wait_for(self, enough: Callable[[list[Received]], bool], seconds: float = 20) -> list[Received]:
        """Return the received webhooks as soon as there are enough."""
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self.received), seconds), self.received
            return list(self.received)

    def wait_for_count(self, count: int) -> list[Received]:
        return self.wait_for(lambda received: len(received) >= count)

    def wait_for_status(self, status: str) -> Received:
        """Return the first webhook whose prediction has this status."""
        found = self.wait_for(lambda received: any(r.prediction["status"] == status for r in received))
        return next(r for r in found if r.prediction["status"] == status)


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Run a receiver on a free local port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Received(self.path, headers, body, time.monotonic()))
            self.send_response(status)
            if status in range(300, 400):
                self.send_header("Location", receiver.url("/elsewhere"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

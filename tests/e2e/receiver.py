"""A client's server, at the one local address that the local cloud allows for callbacks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from e2e.parts import Platform, until


@dataclass
class Receiver:
    """One received callback: lower-case headers and body."""

    url: str
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def arrived(self, job_id: str) -> tuple[dict[str, str], bytes]:
        """Wait for the callback of a job."""

        def look() -> tuple[dict[str, str], bytes] | None:
            return next((each for each in self.received if job_id.encode() in each[1]), None)

        return until(look, f"the callback of job {job_id}")


@contextmanager
def receiver(platform: Platform, *, status: int = 204) -> Iterator[Receiver]:
    """Run the receiver for the length of the block; every callback gets this status."""
    origin = platform.environment.callback_origin
    made = Receiver(f"{origin}/vsl?user=1")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", urlsplit(origin).port or 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()

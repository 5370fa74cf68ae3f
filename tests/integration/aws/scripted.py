"""A local server that stands in for AWS and returns scripted answers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# An answer is a status and a JSON body. CUT closes the connection; SILENT sends nothing until the test ends.
type Answer = tuple[int, dict[str, Any]]
CUT: Answer = (0, {})
SILENT: Answer = (-1, {})
THROTTLED: Answer = (400, {"__type": "x#ProvisionedThroughputExceededException", "message": "slower"})
BROKEN: Answer = (500, {"__type": "x#InternalServerError"})
REFUSED: Answer = (400, {"__type": "x#ConditionalCheckFailedException"})
DONE: Answer = (200, {"done": True})


@dataclass
class Script:
    """Scripted answers in order, the last one repeated, and the recorded request bodies."""

    answers: list[Answer] = field(default_factory=lambda: [DONE])
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    test_ended: threading.Event = field(default_factory=threading.Event)

    def next(self, body: bytes) -> Answer:
        self.bodies.append(body)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            script.connections += 1
            super().setup()

        def do_POST(self) -> None:
            status, body = script.next(self.rfile.read(int(self.headers["Content-Length"])))
            if status == SILENT[0]:
                script.test_ended.wait()
            if status <= 0:
                self.close_connection = True
                return
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def answering(script: Script) -> Iterator[str]:
    """Serve on a free port; yield the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        script.test_ended.set()
        server.shutdown()
        thread.join()
        server.server_close()

"""The HTTP API in front of `receive_webhook`: converts requests to events, and results to answers."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integration.flows.events import Context, http_event
from local_cloud.api_limits import too_large
from receive_webhook.handler import lambda_handler


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = too_large({name.lower(): value for name, value in self.headers.items()}, body)
        if refused:
            self._answer(refused.status, {"Content-Type": refused.content_type}, refused.body)
            return
        event = http_event("POST /webhook/replicate", self.path, headers=dict(self.headers.items()), body=body)
        answer: dict[str, Any] = lambda_handler(event, Context(10))
        self._answer(answer["statusCode"], answer["headers"], answer["body"].encode())

    def _answer(self, status: int, headers: Mapping[str, str], payload: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def gateway() -> Iterator[str]:
    """Serve on a free port; yield the API's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

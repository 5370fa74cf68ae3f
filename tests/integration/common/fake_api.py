"""The HTTP API, with scripted answers."""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

JOB_ID = "01a2046a-26d8-78c1-a2ca-641c62257203"
# A GIF of one red pixel would be a video to ffmpeg; a PPM is an image.
PICTURE = b"P6 16 16 255\n" + b"\xff\x00\x00" * 256
METADATA = json.dumps({"jobId": JOB_ID}).encode()
POLL_SECONDS = 0.02  # seconds between two checks of the stop flag
FILES = {"original.ppm": PICTURE, "thumbnail.ppm": PICTURE, "metadata.json": METADATA}
TYPES = {"ppm": "image/x-portable-pixmap", "json": "application/json"}


@dataclass(frozen=True)
class Seen:
    """One received request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """A scripted answer; a status of 0 closes the connection without an answer."""

    status: int
    document: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Api(ThreadingHTTPServer):
    """Accepts the key "key"; statuses are returned in order, the last one repeated.

    `next` answers precede all others, `documents` are served at their paths.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.accepting = 202
        self.guarded = True
        self.statuses: list[dict[str, Any]] = [{"status": "queued"}, {"status": "processing"}, self.completed()]
        self.files = dict(FILES)
        self.next: list[Answer] = []
        self.documents: dict[str, Answer] = {}
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def completed(self) -> dict[str, Any]:
        outputs = [
            {
                "kind": name.split(".")[0],
                "url": f"{self.url}/files/{name}?signature=1",
                "contentType": TYPES[name.split(".")[1]],
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in FILES.items()
        ]
        return {"jobId": JOB_ID, "status": "completed", "outputs": outputs}

    def asked(self, method: str, path: str) -> list[Seen]:
        """List the requests for a path, with or without a query."""
        return [seen for seen in self.seen if (seen.method, seen.path.partition("?")[0]) == (method, path)]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        accepted = Answer(self.server.accepting, {"jobId": JOB_ID, "status": "queued"}, {"Retry-After": "0"})
        self.reply({"/generate-media": accepted})

    def do_DELETE(self) -> None:
        self.reply({})

    def do_GET(self) -> None:
        name = self.path.split("?")[0].rpartition("/")[2]
        if self.path.startswith("/files/"):
            self.note(b"")
            content = self.server.files.get(name)
            self.answer(200 if content else 403, content or b"expired")
            return
        self.reply({})

    def reply(self, known: Mapping[str, Answer]) -> None:
        self.note(self.rfile.read(int(self.headers["content-length"] or 0)))
        path = self.path.partition("?")[0]
        if self.server.guarded and self.headers["authorization"] != "Bearer key":
            self.answer(401, b"{}")
        elif self.server.next:
            self.give(self.server.next.pop(0))
        elif found := {**known, **self.server.documents}.get(path):
            self.give(found)
        else:
            self.give(self.status())

    def status(self) -> Answer:
        statuses = self.server.statuses
        found = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        tag = f'W/"{hashlib.sha256(json.dumps(found).encode()).hexdigest()}"'
        return Answer(304 if self.headers["if-none-match"] == tag else 200, found, {"ETag": tag})

    def note(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(self.command, self.path, headers, body))

    def give(self, answer: Answer) -> None:
        if not answer.status:
            self.close_connection = True
            return
        body = answer.document if isinstance(answer.document, bytes) else json.dumps(answer.document).encode()
        self.answer(answer.status, b"" if answer.status in (204, 304) else body, answer.headers)

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass

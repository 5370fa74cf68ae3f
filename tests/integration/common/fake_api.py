"""The HTTP API, with answers that a test sets."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

JOB_ID = "01a2046a-26d8-78c1-a2ca-641c62257203"
# A GIF of one red pixel would be a video to ffmpeg; a PPM is an image.
PICTURE = b"P6 16 16 255\n" + b"\xff\x00\x00" * 256
METADATA = json.dumps({"jobId": JOB_ID}).encode()
FILES = {"original.ppm": PICTURE, "thumbnail.ppm": PICTURE, "metadata.json": METADATA}


class Api(ThreadingHTTPServer):
    """It knows the key "key"; statuses are given one after the other, the last for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.accepting = 202
        self.guarded = True
        self.statuses: list[dict[str, Any]] = [{"status": "queued"}, {"status": "processing"}, self.completed()]
        self.files = dict(FILES)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def completed(self) -> dict[str, Any]:
        outputs = [
            {
                "kind": name.split(".")[0],
                "url": f"{self.url}/files/{name}?signature=1",
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in FILES.items()
        ]
        return {"status": "completed", "outputs": outputs}

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.is_stranger():
            return
        self.answer(self.server.accepting, json.dumps({"jobId": JOB_ID}).encode())

    def do_GET(self) -> None:
        name = self.path.split("?")[0].rpartition("/")[2]
        if self.path.startswith("/files/"):
            content = self.server.files.get(name)
            self.answer(200 if content else 403, content or b"expired")
            return
        if self.is_stranger():
            return
        statuses = self.server.statuses
        self.answer(200, json.dumps(statuses.pop(0) if len(statuses) > 1 else statuses[0]).encode())

    def is_stranger(self) -> bool:
        stranger = self.server.guarded and self.headers["authorization"] != "Bearer key"
        if stranger:
            self.answer(401, b"{}")
        return stranger

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

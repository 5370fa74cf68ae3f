"""Copying a file takes memory for pieces of it, never for the whole file."""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from integration.media import copy_in_fresh_process
from integration.media.file_host import FileHost

SIZE = 200_000_000
ALLOWED_GROWTH = 160_000_000


def large_picture(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(SIZE))
    handler.end_headers()
    handler.wfile.write(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".ljust(1_000_000, b"\x00"))
    for _ in range(SIZE // 1_000_000 - 1):
        handler.wfile.write(bytes(1_000_000))


def test_copying_200_mb_takes_less_than_160_mb(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/a.png", large_picture)
    done = subprocess.run(
        [sys.executable, copy_in_fresh_process.__file__, host.origin(), url, str(tmp_path / "file")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=True,
        capture_output=True,
        text=True,
    )
    size, growth = map(int, done.stdout.split())
    assert size == SIZE
    assert growth < ALLOWED_GROWTH, f"{growth} bytes above idle"

"""Downloads from a test host, and the expected results."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.media.file_host import FileHost
from mediagen.media.download import Download, Source, download
from mediagen.media.errors import OutputRefused, OutputUnavailable
from mediagen.outbound.addresses import HostRules

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(range(256)) * 4000
LIMIT = 2_000_000


def within(seconds: float) -> Callable[[], float]:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def fetch(host: FileHost, url: str, folder: Path, *, limit: int = LIMIT, seconds: float = 30) -> Download:
    source = Source(HostRules.parse(["replicate.delivery", host.origin()]))
    return download(url, folder / "file", source=source, limit_bytes=limit, seconds_left=within(seconds))


def refused(host: FileHost, url: str, folder: Path, *, limit: int = LIMIT) -> str:
    with pytest.raises(OutputRefused) as caught:
        fetch(host, url, folder, limit=limit)
    assert not (folder / "file").exists()
    return caught.value.code


def unavailable(host: FileHost, url: str, folder: Path, *, seconds: float = 30) -> str:
    with pytest.raises(OutputUnavailable) as caught:
        fetch(host, url, folder, seconds=seconds)
    assert not (folder / "file").exists()
    return str(caught.value)

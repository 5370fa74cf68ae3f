"""Two emulators: moto (started above) takes any signature, MiniStack verifies them as AWS does."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from mediagen.aws.settings import Aws

START_SECONDS = 60


@pytest.fixture(scope="session")
def ministack(moto: Aws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    folder = tmp_path_factory.mktemp("ministack")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",  # it would listen on 0.0.0.0:8883
        "LOG_LEVEL": "WARNING",
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        wait_until_ready(f"{endpoint}/_ministack/health", process, log)
        yield Aws(moto.region, moto.credentials, {"AWS_ENDPOINT_URL": endpoint})
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(params=["moto", "ministack"])
def aws(request: pytest.FixtureRequest) -> Aws:
    """Each emulator in turn, so that a test shows the behaviour of both."""
    settings: Aws = request.getfixturevalue(request.param)
    return settings


@pytest.fixture
def name() -> str:
    """Return a name that no other test uses."""
    return f"test-{uuid4().hex[:12]}"


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"MiniStack did not start: {log.read_text()[-2000:]}")

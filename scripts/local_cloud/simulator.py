"""The Replicate simulator as a server of its own."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_cloud import processes
from local_cloud.processes import Server

SCRIPTS = Path(__file__).resolve().parents[1]


def start(folder: Path, *, api_token: str, webhook_secret: str, port: int = 0) -> Server:
    """Start the simulator; its URL has no path (the API is below /v1)."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "simulator.log"
    options = ["--port", str(port), "--api-token", api_token, "--webhook-secret", webhook_secret]
    options += ["--state", str(folder / "state")]  # a restart in the same folder forgets nothing
    process = processes.launch(
        [sys.executable, "-m", "replicate_simulator", *options],
        log=log,
        environment={"PATH": os.defpath, "PYTHONPATH": str(SCRIPTS), "LANG": "C.UTF-8", "HOME": str(folder)},
        folder=folder,
    )
    processes.wait_until_ready(process, lambda: bool(_url(log)), name="the Replicate simulator", log=log)
    return Server(name="simulator", url=_url(log), pid=process.pid, started=process.create_time())


@contextmanager
def simulator_server(folder: Path, *, api_token: str, webhook_secret: str) -> Iterator[str]:
    """Run a simulator during a block; yield its URL."""
    server = start(folder, api_token=api_token, webhook_secret=webhook_secret)
    try:
        yield server.url
    finally:
        processes.stop(server)


def _url(log: Path) -> str:
    """Read the address from the JSON line the simulator prints when it is ready."""
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("{") and line.endswith("}") and "url" in (ready := json.loads(line)):
            return str(ready["url"])
    return ""

"""MiniStack, the AWS emulator, with IAM policies enforced.

Lambda functions are its child processes and inherit its environment, so that is a short list and never
ours: a REPLICATE_API_TOKEN or an AWS profile of the person who runs this must not reach the functions.
"""

import http.client
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local_cloud import processes
from local_cloud.ports import HOST, free_port
from local_cloud.processes import Server

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
# Certificates of a company's proxy: the functions need them to reach the real Replicate.
PASSED_ON = ("SSL_CERT_FILE", "SSL_CERT_DIR")
# Longer than the 90 s after which Terraform's client closes a connection it does not use, which loses nothing.
KEEP_ALIVE_SECONDS = 3600
# On every host it would answer /health itself, in the place of the API. And it would close connections after 75 s, also
# one on which a request has just come: that is done, its answer is lost, and Terraform's second try finds its own work.
SETTLE = f"""
from hypercorn.config import Config
from ministack import app
app._HEALTH_PATHS = tuple(path for path in app._HEALTH_PATHS if path != "/health")
Config.keep_alive_timeout = property(lambda config: {KEEP_ALIVE_SECONDS}, lambda config, given: None)
"""


def start(folder: Path, *, port: int | None = None, environ: Mapping[str, str] = os.environ) -> Server:
    """Start the emulator; its root credentials are test/test."""
    folder, port = folder.absolute(), port or free_port()
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    log = folder / "emulator.log"
    process = processes.launch(
        [sys.executable, "-c", f"{SETTLE}app.main()"],
        log=log,
        environment=environment(port, temporary, environ),
        folder=temporary,
    )
    processes.wait_until_ready(process, lambda: _answers(port), name="MiniStack", log=log, seconds=60)
    return Server(
        name="emulator",
        url=f"http://{HOST}:{port}",
        pid=process.pid,
        started=process.create_time(),
        # All its state is in memory; asked politely it would first wait for its queue pollers (8 s measured).
        stop_signal=signal.SIGKILL,
    )


def lost_an_answer(told: str) -> bool:
    """Tell whether an apply failed because the emulator's answer was lost; only a new emulator can go on from there.

    In an empty account nothing exists already: so it was made by this apply, without Terraform hearing of it. Seen once
    in about thirty applies on a busy machine.
    """
    return "already exists" in told or "Lambda Permission" in told


@contextmanager
def emulator_server(folder: Path) -> Iterator[str]:
    """Run an emulator for the length of a block and give its endpoint URL."""
    server = start(folder)
    try:
        yield server.url
    finally:
        processes.stop(server)


def environment(port: int, temporary: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """List every variable the emulator, and so each function, is given."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # Both would listen on all addresses (8883 at once, SFTP with the first Transfer server).
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        **CREDENTIALS,
        **{name: environ[name] for name in PASSED_ON if name in environ},
    }


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

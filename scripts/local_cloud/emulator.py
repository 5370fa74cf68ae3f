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

from aws_requests.recording import FILE
from local_cloud import processes
from local_cloud.ports import HOST, free_port
from local_cloud.processes import Server
from rds_proxy.sessions import FILE as SESSIONS

SCRIPTS = Path(__file__).parents[1]
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
# Certificates of a company's proxy: the functions need them to reach the real Replicate.
PASSED_ON = ("SSL_CERT_FILE", "SSL_CERT_DIR")
# SIGKILL, because all its state is in memory and SIGTERM waits for its queue pollers (8 s measured).
STOP_SIGNAL = signal.SIGKILL
# Sets the path here, because the functions would inherit PYTHONPATH.
PROGRAM = """
import sys
sys.path.append(sys.argv[1])
from local_cloud import emulator_process
emulator_process.main(sys.argv[2:])
"""


def start(folder: Path, *, port: int | None = None, environ: Mapping[str, str] = os.environ) -> Server:
    """Start the emulator; its root credentials are test/test."""
    folder, port = folder.absolute(), port or free_port()
    for file in (recording(folder), sessions(folder)):
        file.unlink(missing_ok=True)
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    log = folder / "emulator.log"
    process = processes.launch(
        [sys.executable, "-c", PROGRAM, str(SCRIPTS), str(recording(folder)), str(sessions(folder))],
        log=log,
        environment=environment(port, temporary, environ),
        folder=temporary,
        stop_signal=STOP_SIGNAL,
    )
    processes.wait_until_ready(process, lambda: _answers(port), name="MiniStack", log=log, seconds=60)
    return Server(
        name="emulator",
        url=f"http://{HOST}:{port}",
        pid=process.pid,
        started=process.create_time(),
        stop_signal=STOP_SIGNAL,
    )


def recording(folder: Path) -> Path:
    """Return the file in which the emulator of a folder records every request to AWS; it holds secrets."""
    return folder / FILE


def sessions(folder: Path) -> Path:
    """Return the file in which the emulator of a folder writes the credentials of functions."""
    return folder / SESSIONS


@contextmanager
def emulator_server(folder: Path) -> Iterator[str]:
    """Run an emulator during a block; yield its endpoint URL."""
    server = start(folder)
    try:
        yield server.url
    finally:
        processes.stop(server)


def environment(port: int, temporary: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the complete environment of the emulator and of each function."""
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

"""Check a suite's recorded requests against AWS's rules when its servers stop."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from aws_requests.check import check
from aws_requests.recording import FILE, Writer
from aws_requests.wsgi import WsgiRecorder


class AgainstAwsRules(AssertionError):
    """The suite sent requests that AWS would refuse; the message lists them."""


def check_recordings(suite: str, session: pytest.Session, *recordings: Path) -> None:
    """Fail with the list of requests that break AWS's rules."""
    checked = check(recordings, suite, whole=is_whole(session))
    print(checked)
    if checked.findings:
        raise AgainstAwsRules(str(checked))


def is_whole(session: pytest.Session) -> bool:
    """Return whether every test of the chosen folders passed; only then can an unused exception be stale."""
    config = session.config
    named = [Path(str(argument)) for argument in config.args]
    chosen = config.option.keyword or config.option.markexpr or config.option.deselect
    return (
        not chosen and session.testsfailed == 0 and all(path.is_dir() and path.parent.name == "tests" for path in named)
    )


@contextmanager
def recorded_moto(folder: Path) -> Iterator[str]:
    """Run moto's server and yield its URL; every request is recorded in `folder`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    assert server._server
    writer = Writer(folder / FILE)
    server._server.app = WsgiRecorder(server._server.app, writer, identify)
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        writer.close()


def identify(access_key: str) -> tuple[str, str]:
    """Return the caller and the secret of an access key. The tests have one key."""
    return ("root", "test") if access_key == "test" else (access_key or "anonymous", "")

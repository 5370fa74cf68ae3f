"""A real Redis of its own: nothing written to disk, a password or users of its own if asked for."""

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from common.problems import SetupProblem
from local_cloud import processes
from local_cloud.ports import HOST, free_port
from local_cloud.processes import Server

MISSING = "redis-server is missing: sudo apt-get install redis-server (macOS: brew install redis)"


def start(
    folder: Path, *, port: int | None = None, password: str = "", users: Mapping[str, str] | None = None
) -> Server:
    """Start Redis and give its URL (database 0). `users` are ACL rules by user; the URL then names none of them."""
    program = shutil.which("redis-server")
    if not program:
        raise SetupProblem(MISSING)
    folder, port = folder.absolute(), port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "redis.log"
    options = ["--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    if password:
        options += ["--requirepass", password]
    if users:
        rules = folder / "users.acl"
        rules.touch(mode=0o600)
        rules.write_text("".join(f"user {name} {text}\n" for name, text in users.items()))
        options += ["--aclfile", str(rules)]
    process = processes.launch([program, *options], log=log, environment={"PATH": os.defpath, "TZ": "UTC"})
    processes.wait_until_ready(process, lambda: _answers(port), name="Redis", log=log)
    credentials = f":{password}@" if password else ""
    url = f"redis://{credentials}{HOST}:{port}/0"
    return Server(name="redis", url=url, pid=process.pid, started=process.create_time())


@contextmanager
def redis_server(folder: Path, *, password: str = "", users: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a Redis during a block; yield its URL."""
    server = start(folder, password=password, users=users)
    try:
        yield server.url
    finally:
        processes.stop(server)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False

"""The double of ElastiCache as a server of its own, through which the functions reach Redis."""

import json
import os
import secrets
import socket
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from elasticache.running import ADMIN, users
from local_cloud import processes, redis
from local_cloud.emulator import REGION
from local_cloud.ports import HOST, free_port
from local_cloud.processes import Server
from rds_proxy.certificates import Authority

NAME = "vsl-local"  # of the user and of the replication group, as the prefix names both
SCRIPTS = Path(__file__).resolve().parents[1]
SETTINGS = "settings.json"


def start_redis(folder: Path, *, port: int | None = None) -> Server:
    """Start a Redis with the users of Terraform; its URL is that of an administrator, whom only the double has."""
    return _redis(folder, port, secrets.token_hex(16))


def restart_redis(server: Server, folder: Path) -> Server:
    """Restart a killed Redis at its address with its users and without data."""
    parts = urlsplit(server.url)
    return _redis(folder, parts.port, parts.password or "")


def start(folder: Path, *, redis_url: str, sessions: Path, port: int | None = None) -> Server:
    """Start the double before the Redis of an administrator's URL; its own URL is the functions' and has no secret.

    It takes tokens of the sessions that the emulator writes down.
    """
    folder, port = folder.absolute(), port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    authority, behind = Authority(folder), urlsplit(redis_url)
    settings = {
        "listen": port,
        "port": behind.port,
        "user": NAME,
        "password": behind.password,
        "certificate": str(authority.server(HOST)),
        "region": REGION,
        "sessions": str(sessions.absolute()),
    }
    with open(os.open(folder / SETTINGS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(settings, file)
    url = f"rediss://{NAME}@{HOST}:{port}/0?iam={NAME}&sslrootcert={authority.root}"
    return _run(folder, Server(name="elasticache", url=url, pid=0, started=0))


def restart(server: Server, folder: Path) -> Server:
    """Restart a killed double at its address."""
    return _run(folder.absolute(), server)


def _redis(folder: Path, port: int | None, password: str) -> Server:
    # The functions use the administrator's password behind the double; this Redis holds no real data.
    server = redis.start(folder, port=port, users=users(NAME, password, password))
    parts = urlsplit(server.url)
    return replace(server, url=parts._replace(netloc=f"{ADMIN}:{password}@{parts.netloc}").geturl())


def _run(folder: Path, server: Server) -> Server:
    log = folder / "elasticache.log"
    process = processes.launch(
        [sys.executable, "-m", "elasticache", str(folder / SETTINGS)],
        log=log,
        environment={"PATH": os.defpath, "PYTHONPATH": str(SCRIPTS), "LANG": "C.UTF-8", "TZ": "UTC"},
        folder=folder,
    )
    port = urlsplit(server.url).port or 0
    processes.wait_until_ready(process, lambda: _answers(port), name="the double of ElastiCache", log=log)
    return replace(server, pid=process.pid, started=process.create_time())


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True

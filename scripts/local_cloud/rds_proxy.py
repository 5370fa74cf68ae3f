"""The double of RDS Proxy as a server of its own, through which the functions reach PostgreSQL."""

import json
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from local_cloud import processes
from local_cloud.emulator import REGION
from local_cloud.ports import HOST, free_port
from local_cloud.postgres import APPLICATION
from local_cloud.processes import Server
from rds_proxy.certificates import Authority

SCRIPTS = Path(__file__).resolve().parents[1]
SETTINGS = "settings.json"


def start(folder: Path, *, owner_url: str, sessions: Path, port: int | None = None) -> Server:
    """Start the proxy before the PostgreSQL of an owner's URL; its own URL is the functions' and has no secret.

    It knows the password of the functions' role, and takes tokens of the sessions that the emulator writes down.
    """
    folder, port = folder.absolute(), port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    authority, owner = Authority(folder), urlsplit(owner_url)
    settings = {
        "listen": port,
        "host": owner.hostname,
        "port": owner.port,
        "passwords": {APPLICATION: owner.password},
        "certificate": str(authority.server(HOST)),
        "region": REGION,
        "sessions": str(sessions.absolute()),
    }
    with open(os.open(folder / SETTINGS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(settings, file)
    url = f"postgresql://{APPLICATION}@{HOST}:{port}{owner.path}?iam=true&sslrootcert={authority.root}"
    return _run(folder, Server(name="rds_proxy", url=url, pid=0, started=0))


def restart(server: Server, folder: Path) -> Server:
    """Restart a killed proxy at its address."""
    return _run(folder.absolute(), server)


def _run(folder: Path, server: Server) -> Server:
    log = folder / "rds_proxy.log"
    process = processes.launch(
        [sys.executable, "-m", "rds_proxy", str(folder / SETTINGS)],
        log=log,
        environment={"PATH": os.defpath, "PYTHONPATH": str(SCRIPTS), "LANG": "C.UTF-8", "TZ": "UTC"},
        folder=folder,
    )
    port = urlsplit(server.url).port or 0
    processes.wait_until_ready(process, lambda: _answers(port), name="the double of RDS Proxy", log=log)
    return replace(server, pid=process.pid, started=process.create_time())


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True

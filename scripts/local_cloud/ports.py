"""Ports on 127.0.0.1: chosen free, or named by a variable and then checked."""

import random
import socket
from collections.abc import Iterable, Mapping

from common.problems import SetupProblem

HOST = "127.0.0.1"
# Below Linux's range for outgoing connections (32768-60999): none of those can take a port first.
FIRST_PORT, LAST_PORT = 20_000, 32_000
HIGHEST_PORT = 65_535


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A port whose last connections are in TIME_WAIT can be listened on: servers set the same option.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_open(port: int) -> bool:
    """Return whether a server accepts connections on the port."""
    try:
        with socket.create_connection((HOST, port), timeout=2):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Choose a port that nothing listens on."""
    for _ in range(200):
        port = random.randint(FIRST_PORT, LAST_PORT)  # nosec B311 # it need not be hard to guess, only free
        if is_free(port):
            return port
    raise SetupProblem(f"no free port between {FIRST_PORT} and {LAST_PORT}: stop some servers of this machine")


def choose_ports(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, int]:
    """Return a port for each server: VSL_<NAME>_PORT if set, else a free one."""
    ports: dict[str, int] = {}
    for name in names:
        port = _wanted(f"VSL_{name.upper()}_PORT", environ) or free_port()
        while port in ports.values():
            port = free_port()
        ports[name] = port
    return ports


def _wanted(variable: str, environ: Mapping[str, str]) -> int | None:
    wanted = environ.get(variable, "").strip()
    if not wanted:
        return None
    if not wanted.isdecimal() or not 0 < int(wanted) <= HIGHEST_PORT:
        raise SetupProblem(f"{variable}={wanted} is not a port: give a number from 1 to 65535, or unset it")
    if not is_free(int(wanted)):
        raise SetupProblem(
            f"port {wanted} is in use: stop the program that listens there, or set {variable} to a free port"
        )
    return int(wanted)

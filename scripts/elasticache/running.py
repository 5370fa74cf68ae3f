"""Runs a double in this process: a real Redis with the users of Terraform, and the front on a thread of its own."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote, urlsplit

from elasticache.access import access_string
from elasticache.front import SESSION_SECONDS, Backend, Front, listen
from elasticache.tokens import Key, Verifier
from local_cloud.ports import HOST
from local_cloud.redis import redis_server

ADMIN = "admin"


@dataclass(frozen=True)
class Cache:
    """A running double: the functions' URL, that of its administrator, and its front."""

    url: str
    admin_url: str
    front: Front


def users(user: str, password: str, admin_password: str) -> dict[str, str]:
    """Return the rules of each user: those of Terraform, and an administrator that only tests have."""
    return {
        "default": access_string("nobody"),
        user: f">{password} {access_string('functions')}",
        ADMIN: f"on >{admin_password} ~* &* +@all",
    }


@contextmanager
def running_cache(
    folder: Path,
    *,
    name: str,
    region: str,
    certificate: Path,
    roots: Path,
    find: Callable[[str], Key | None],
    session_seconds: float = SESSION_SECONDS,
) -> Iterator[Cache]:
    """Run a double during a block. User and replication group have the same name, as the prefix gives it."""
    password, admin_password = secrets.token_hex(16), secrets.token_hex(16)
    with redis_server(folder, users=users(name, password, admin_password)) as redis_url:
        parts = urlsplit(redis_url)
        backend = Backend(HOST, parts.port or 0, name, password)
        front = Front(backend, Verifier(name, region, find), session_seconds)
        with _serving(front, certificate) as port:
            url = f"rediss://{name}@{HOST}:{port}/0?iam={name}&sslrootcert={quote(str(roots))}"
            admin_url = parts._replace(netloc=f"{ADMIN}:{admin_password}@{parts.netloc}").geturl()
            yield Cache(url, admin_url, front)


@contextmanager
def _serving(front: Front, certificate: Path) -> Iterator[int]:
    loop, ready, ports = asyncio.new_event_loop(), Event(), list[int]()

    async def serve() -> None:
        server = await listen(front, str(certificate), 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(serve())
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join()

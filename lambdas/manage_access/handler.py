"""Handler of `manage_access`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from manage_access.flow import Answer, Ports, manage_access
from mediagen import worker
from mediagen.http import edge
from mediagen.records.access import AccessRecords
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("redis", "pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    redis_url: StoreUrl
    key_prefix: str


@cache
def settings() -> Settings:
    """Read the environment of this function."""
    return read_settings(Settings)


def lambda_handler(event: edge.Event, _context: Any) -> Answer:
    """Run an operator's command."""
    given = settings()
    ports = Ports(
        AccessRecords(clients.database(given.database_url)),
        clients.known_keys(given.redis_url),
        clients.catalogue("{}", given.redis_url, given.database_url),
    )
    return worker.task(
        "manage_access", lambda: manage_access(event, now=utc_now(), key_prefix=given.key_prefix, ports=ports)
    )

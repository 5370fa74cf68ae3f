"""Handler of `authorize`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from authorize.flow import Verdict, authorize
from mediagen import worker
from mediagen.http import edge
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("redis", "pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    redis_url: StoreUrl
    failures_per_address: int


@cache
def settings() -> Settings:
    """Read the environment of this function."""
    return read_settings(Settings)


def lambda_handler(event: edge.Event, _context: Any) -> Verdict:
    """Answer a question of the HTTP API."""
    given = settings()
    judges = clients.judges(given.database_url, given.redis_url, given.failures_per_address)
    known_keys = clients.known_keys(given.redis_url)
    return worker.task(
        "authorize",
        lambda: authorize(event, now=utc_now(), judges=judges, known_keys=known_keys),
        requestId=edge.request_id(event),
    )

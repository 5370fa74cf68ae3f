"""Handler of `check_health`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from check_health.flow import Memory, Ports, check_health
from mediagen.aws.job_table import JobTable
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("redis", "pg8000", "urllib3")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    redis_url: StoreUrl
    job_table: str
    media_bucket: str
    replicate_base_url: str
    replicate_token_secret: str
    failures_per_address: int
    release: str


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    settings = read_settings(Settings)
    database = clients.database(settings.database_url)
    checks = {
        "database": lambda: database.run("SELECT 1"),
        "cache": clients.cache_of(settings.redis_url).answers,
        "jobTable": lambda: JobTable(aws(), settings.job_table).get("nobody's", "never"),
        "mediaBucket": MediaBucket(aws(), settings.media_bucket).look,
        "replicate": clients.replicate(settings.replicate_base_url, settings.replicate_token_secret).account,
    }
    stores = settings.database_url, settings.redis_url
    return Ports(checks, clients.judges(*stores, settings.failures_per_address), settings.release)


@cache
def memory() -> Memory:
    """Return what this container remembers."""
    return Memory()


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /health."""
    return edge.http(event, lambda request: check_health(request, now=utc_now(), ports=ports(), memory=memory()))

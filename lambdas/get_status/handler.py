"""Handler of `get_status`."""

from dataclasses import dataclass
from functools import cache
from time import sleep
from typing import Any

from get_status.flow import Ports, get_status
from get_status.waiting import Time
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import aws
from mediagen.cache.waits import Waits
from mediagen.http import edge
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("redis", "urllib3")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    redis_url: StoreUrl
    job_table: str
    media_bucket: str
    link_seconds: int
    waiting_requests: int


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    settings = read_settings(Settings)
    bucket = MediaBucket(aws(), settings.media_bucket)
    redis = clients.cache_of(settings.redis_url)
    return Ports(
        cache=redis,
        projection=clients.projection(settings.job_table, settings.redis_url),
        records=clients.job_records(settings.database_url),
        sign=lambda key: bucket.link(key, seconds=settings.link_seconds),
        link_seconds=settings.link_seconds,
        waits=Waits(redis, settings.waiting_requests),
    )


def lambda_handler(event: edge.Event, context: Any) -> dict[str, object]:
    """Answer GET /status/{jobId}."""
    time = Time(utc_now, sleep, lambda: context.get_remaining_time_in_millis() / 1000)
    return edge.http(event, lambda request: get_status(request, time=time, ports=ports()))

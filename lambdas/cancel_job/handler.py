"""Handler of `cancel_job`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from cancel_job.flow import Ports, cancel_job
from mediagen.aws.queue import Queue
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
    submissions_queue_url: str
    callbacks_queue_url: str
    replicate_base_url: str
    replicate_token_secret: str


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    settings = read_settings(Settings)
    return Ports(
        records=clients.job_records(settings.database_url),
        provider=clients.replicate(settings.replicate_base_url, settings.replicate_token_secret),
        submissions=Queue(aws(), settings.submissions_queue_url),
        screen=clients.projection(settings.job_table, settings.redis_url, settings.callbacks_queue_url),
    )


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /jobs/{jobId}/cancel."""
    return edge.http(event, lambda request: cancel_job(request, now=utc_now(), ports=ports()))

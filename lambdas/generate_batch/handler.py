"""Handler of `generate_batch`."""

from functools import cache
from typing import Any

from generate_batch.flow import Ports, generate_batch
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload
from mediagen.wiring.accept import AcceptingSettings as Settings
from mediagen.wiring.accept import accepting_ports

preload.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    return batch_ports(read_settings(Settings))


def batch_ports(settings: Settings) -> Ports:
    """Return the dependencies of the flow for an environment."""
    return Ports(
        accepting=accepting_ports(settings),
        limiter=clients.cache_of(settings.redis_url),
        batches=clients.batch_records(settings.database_url),
        claims=clients.claim_records(settings.database_url),
        submissions=Queue(aws(), settings.submissions_queue_url),
    )


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /batches."""
    return edge.http(event, lambda request: generate_batch(request, now=utc_now(), ports=ports()))

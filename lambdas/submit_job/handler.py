"""Handler of `submit_job`."""

from functools import cache
from typing import Any

from mediagen import worker
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload
from mediagen.wiring.submit import SubmissionSettings as Settings
from mediagen.wiring.submit import submission_ports
from submit_job.flow import Ports, submit_job

preload.load("redis", "pg8000", "urllib3")


@cache
def settings() -> Settings:
    """Read the environment of this function."""
    return read_settings(Settings)


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    redis, database = settings().redis_url, settings().database_url
    return Ports(
        clients.catalogue(settings().models, redis, database),
        submission_ports(settings()),
        clients.absence_records(database).known_predictions,
    )


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Submit the jobs of a batch of messages."""
    queue = Queue(aws(), settings().submissions_queue_url)
    return worker.queue(
        event,
        lambda message: submit_job(message, now=utc_now(), ports=ports()),
        retry_later=clients.retry_later(queue.change_visibility),
    )

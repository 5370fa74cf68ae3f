"""Handler of `manage_callbacks`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from manage_callbacks.deliveries import Ports
from manage_callbacks.flow import manage_callbacks
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    callbacks_queue_url: str


@cache
def settings() -> Settings:
    """Read the environment of this function."""
    return read_settings(Settings)


@cache
def deliveries() -> Ports:
    """Return the dependencies of the deliveries."""
    return Ports(
        records=clients.job_records(settings().database_url),
        callbacks=clients.callback_records(settings().database_url),
        queue=Queue(aws(), settings().callbacks_queue_url),
    )


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer the deliveries of a job and the secret of a user.

    GET /jobs/{jobId}/deliveries, POST /jobs/{jobId}/deliveries, GET /callback-secret, POST /callback-secret/rotate.
    """

    def answer(request: edge.Request) -> edge.Response:
        secrets = clients.callback_secrets(settings().database_url)
        return manage_callbacks(event["routeKey"], request, now=utc_now(), deliveries=deliveries(), secrets=secrets)

    return edge.http(event, answer)

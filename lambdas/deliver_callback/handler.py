"""Handler of `deliver_callback`."""

from functools import cache
from typing import Any

from deliver_callback.flow import Ports, deliver_callback
from deliver_callback.wiring import Settings
from deliver_callback.wiring import ports as connected
from mediagen import worker
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    return connected(read_settings(Settings))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Make the attempts of a batch of messages."""
    queue = Queue(aws(), read_settings(Settings).callbacks_queue_url)
    return worker.queue(
        event,
        lambda message: deliver_callback(message, clock=utc_now, ports=ports()),
        retry_later=clients.retry_later(queue.change_visibility),
    )

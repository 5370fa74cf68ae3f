"""Handler of `process_webhook`."""

from functools import cache
from typing import Any

from mediagen import worker
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload
from process_webhook.flow import process_webhook
from process_webhook.wiring import Settings, ports

preload.load("redis", "pg8000", "urllib3")


@cache
def settings() -> Settings:
    """Read the environment of this function."""
    return read_settings(Settings)


def lambda_handler(event: edge.Event, context: Any) -> dict[str, object]:
    """Complete the job of each result in the batch; the queue delivers one at a time."""
    queue = Queue(aws(), settings().webhooks_queue_url)
    is_last = worker.receives(event) >= clients.MAX_RECEIVES
    connected = ports(settings(), lambda: context.get_remaining_time_in_millis() / 1000, is_last_receive=is_last)
    return worker.queue(
        event,
        lambda message: process_webhook(message, clock=utc_now, ports=connected),
        retry_later=clients.retry_later(queue.change_visibility),
    )

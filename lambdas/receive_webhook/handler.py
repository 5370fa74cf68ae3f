"""Handler of `receive_webhook`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload
from receive_webhook.failures import Failures
from receive_webhook.flow import Ports, receive_webhook

preload.load("urllib3")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    webhook_secret: str
    webhooks_queue_url: str
    failures_per_address: int


@cache
def ports() -> Ports:
    """Return the dependencies of the flow. The secret holds signing secrets separated by white space, newest first."""
    settings = read_settings(Settings)
    return Ports(
        secrets=lambda: clients.secrets().secret(settings.webhook_secret).split(),
        webhooks=Queue(aws(), settings.webhooks_queue_url),
        failures=Failures(settings.failures_per_address),
    )


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /webhook/replicate."""
    return edge.http(event, lambda request: receive_webhook(request, now=utc_now(), ports=ports()))

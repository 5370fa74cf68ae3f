"""Dependencies of `process_webhook`."""

from collections.abc import Callable
from dataclasses import dataclass

from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import aws
from mediagen.media.download import Source
from mediagen.outbound.addresses import HostRules
from mediagen.settings import StoreUrl
from mediagen.wiring import clients
from process_webhook.flow import Ports
from process_webhook.storing import Store

RESERVE_SECONDS = 20.0  # of the invocation, for uploading the last file and recording the result


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function. `allowed_output_hosts` are separated by commas."""

    database_url: StoreUrl
    redis_url: StoreUrl
    job_table: str
    media_bucket: str
    webhooks_queue_url: str
    callbacks_queue_url: str
    replicate_base_url: str
    replicate_token_secret: str
    allowed_output_hosts: str
    max_output_bytes: int
    max_outputs: int
    derivative_timeout_seconds: int


def ports(settings: Settings, remaining_seconds: Callable[[], float], *, is_last_receive: bool) -> Ports:
    """Return the dependencies of the flow for one invocation, which has its own clock."""
    store = Store(
        bucket=MediaBucket(aws(), settings.media_bucket),
        source=Source(HostRules.parse(settings.allowed_output_hosts.split(","))),
        limit_bytes=settings.max_output_bytes,
        max_outputs=settings.max_outputs,
        derivative_seconds=settings.derivative_timeout_seconds,
        seconds_left=lambda: remaining_seconds() - RESERVE_SECONDS,
        is_last_receive=is_last_receive,
    )
    return Ports(
        records=clients.job_records(settings.database_url),
        provider=clients.replicate(settings.replicate_base_url, settings.replicate_token_secret),
        marks=clients.cache_of(settings.redis_url),
        screen=clients.projection(settings.job_table, settings.redis_url, settings.callbacks_queue_url),
        store=store,
    )

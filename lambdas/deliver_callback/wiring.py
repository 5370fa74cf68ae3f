"""Dependencies of `deliver_callback`."""

from dataclasses import dataclass
from random import random
from time import monotonic

from deliver_callback.flow import Ports
from deliver_callback.sending import Sender
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.outbound.addresses import PublicHosts
from mediagen.settings import StoreUrl
from mediagen.wiring import clients


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function. `allowed_callback_origins` are for the local environment only."""

    database_url: StoreUrl
    media_bucket: str
    link_seconds: int
    callbacks_queue_url: str
    allowed_callback_origins: str | None


def ports(settings: Settings) -> Ports:
    """Return the dependencies of the flow."""
    bucket = MediaBucket(aws(), settings.media_bucket)
    return Ports(
        records=clients.job_records(settings.database_url),
        callbacks=clients.callback_records(settings.database_url),
        secrets=clients.callback_secrets(settings.database_url),
        sender=Sender(PublicHosts.parse(settings.allowed_callback_origins), monotonic),
        queue=Queue(aws(), settings.callbacks_queue_url),
        share=random,
        link=lambda key: bucket.link(key, seconds=settings.link_seconds),
        link_seconds=settings.link_seconds,
    )

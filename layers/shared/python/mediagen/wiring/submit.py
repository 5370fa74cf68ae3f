"""Dependencies of `generate_media` and `submit_job`."""

from dataclasses import dataclass

from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.lifecycle.submit import Ports
from mediagen.settings import StoreUrl
from mediagen.wiring import clients


@dataclass(frozen=True, slots=True)
class SubmissionSettings:
    """The environment of both functions."""

    database_url: StoreUrl
    redis_url: StoreUrl
    job_table: str
    submissions_queue_url: str
    callbacks_queue_url: str
    replicate_base_url: str
    replicate_token_secret: str
    replicate_creates_per_minute: int
    public_api_url: str
    models: str


def submission_ports(settings: SubmissionSettings) -> Ports:
    """Return the ports of submission."""
    return Ports(
        records=clients.job_records(settings.database_url),
        provider=clients.replicate(settings.replicate_base_url, settings.replicate_token_secret),
        submissions=Queue(aws(), settings.submissions_queue_url),
        screen=clients.projection(settings.job_table, settings.redis_url, settings.callbacks_queue_url),
        health=clients.model_health(settings.redis_url),
        pace=clients.pace(settings.redis_url, settings.replicate_creates_per_minute),
        webhook_base=settings.public_api_url.rstrip("/"),
    )

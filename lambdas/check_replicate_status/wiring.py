"""What `check_replicate_status` connects its flow to."""

from dataclasses import dataclass

from check_replicate_status.ports import Ports
from check_replicate_status.spacing import Spacing
from mediagen import wiring
from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.erasing_wiring import ErasingSettings, erasing_ports


@dataclass(frozen=True, slots=True)
class Settings(ErasingSettings):
    """The environment of this function."""

    submissions_queue_url: str
    webhooks_queue_url: str
    callbacks_queue_url: str
    replicate_base_url: str
    replicate_token_secret: str
    replicate_creates_per_minute: int


def ports(settings: Settings) -> Ports:
    """Connect the flow."""
    return Ports(
        records=wiring.job_records(settings.database_url),
        absences=wiring.absence_records(settings.database_url),
        provider=wiring.replicate(
            settings.replicate_base_url, settings.replicate_token_secret, before_read=Spacing().wait
        ),
        submissions=Queue(aws(), settings.submissions_queue_url),
        pace=wiring.pace(settings.redis_url, settings.replicate_creates_per_minute),
        webhooks=Queue(aws(), settings.webhooks_queue_url),
        screen=wiring.projection(settings.job_table, settings.redis_url, settings.callbacks_queue_url),
        table=JobTable(aws(), settings.job_table),
        claims=wiring.claim_records(settings.database_url),
        callbacks=wiring.callback_records(settings.database_url),
        callback_queue=Queue(aws(), settings.callbacks_queue_url),
        erasing=erasing_ports(settings),
    )

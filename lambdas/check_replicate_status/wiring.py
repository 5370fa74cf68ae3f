"""Dependencies of `check_replicate_status`."""

from dataclasses import dataclass

from check_replicate_status.ports import Ports
from check_replicate_status.spacing import Spacing
from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.wiring import clients
from mediagen.wiring.erase import ErasingSettings, erasing_ports


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
    """Return the dependencies of the flow."""
    return Ports(
        records=clients.job_records(settings.database_url),
        absences=clients.absence_records(settings.database_url),
        provider=clients.replicate(
            settings.replicate_base_url, settings.replicate_token_secret, before_read=Spacing().wait
        ),
        token_replaced_at=lambda: clients.secrets().replaced_at(settings.replicate_token_secret),
        submissions=Queue(aws(), settings.submissions_queue_url),
        pace=clients.pace(settings.redis_url, settings.replicate_creates_per_minute),
        webhooks=Queue(aws(), settings.webhooks_queue_url),
        screen=clients.projection(settings.job_table, settings.redis_url, settings.callbacks_queue_url),
        table=JobTable(aws(), settings.job_table),
        claims=clients.claim_records(settings.database_url),
        callbacks=clients.callback_records(settings.database_url),
        callback_queue=Queue(aws(), settings.callbacks_queue_url),
        erasing=erasing_ports(settings),
    )

"""Dependencies of the functions that erase deleted jobs."""

from dataclasses import dataclass

from mediagen.aws.media_erasure import MediaErasure
from mediagen.aws.settings import aws
from mediagen.lifecycle.erase import Ports
from mediagen.records.deletions import DeletionRecords
from mediagen.settings import StoreUrl
from mediagen.wiring import clients


@dataclass(frozen=True, slots=True)
class ErasingSettings:
    """The environment of these functions."""

    database_url: StoreUrl
    redis_url: StoreUrl
    job_table: str
    media_bucket: str


def deletion_records(settings: ErasingSettings) -> DeletionRecords:
    """Return the deleted jobs of the database."""
    return DeletionRecords(clients.database(settings.database_url))


def erasing_ports(settings: ErasingSettings) -> Ports:
    """Return the ports of erasing."""
    return Ports(
        records=deletion_records(settings),
        media=MediaErasure(aws(), settings.media_bucket),
        screen=clients.projection(settings.job_table, settings.redis_url),
    )

"""Edge of `check_replicate_status`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from check_replicate_status.flow import Ports, check_replicate_status
from mediagen import edge, wiring
from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.aws.settings import aws
from mediagen.erasing_wiring import ErasingSettings, erasing_ports
from mediagen.settings import read_settings
from mediagen.times import utc_now


@dataclass(frozen=True, slots=True)
class Settings(ErasingSettings):
    """The environment of this function."""

    submissions_queue_url: str
    webhooks_queue_url: str
    replicate_base_url: str
    replicate_token_secret: str


@cache
def ports() -> Ports:
    """Connect the flow."""
    settings = read_settings(Settings)
    return Ports(
        records=wiring.job_records(settings.database_url_parameter),
        provider=wiring.replicate(settings.replicate_base_url, settings.replicate_token_secret),
        submissions=Queue(aws(), settings.submissions_queue_url),
        webhooks=Queue(aws(), settings.webhooks_queue_url),
        screen=wiring.projection(settings.job_table, settings.redis_url_parameter),
        table=JobTable(aws(), settings.job_table),
        claims=wiring.claim_records(settings.database_url_parameter),
        erasing=erasing_ports(settings),
    )


def lambda_handler(_event: edge.Event, context: Any) -> dict[str, int]:
    """Look after the overdue jobs, every five minutes."""

    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    return edge.task(
        "check_replicate_status",
        lambda: check_replicate_status(now=utc_now(), seconds_left=seconds_left, ports=ports()),
    )

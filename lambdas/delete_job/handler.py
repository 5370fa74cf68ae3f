"""Edge of `delete_job`."""

from functools import cache
from typing import Any

from delete_job.flow import Ports, delete_job
from mediagen import edge, first_request, wiring
from mediagen.erasing_wiring import ErasingSettings as Settings
from mediagen.erasing_wiring import deletion_records, erasing_ports
from mediagen.settings import read_settings
from mediagen.times import utc_now

first_request.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Connect the flow."""
    settings = read_settings(Settings)
    records = wiring.job_records(settings.database_url)
    return Ports(records, deletion_records(settings), erasing_ports(settings))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer DELETE /jobs/{jobId}."""
    return edge.http(event, lambda request: delete_job(request, now=utc_now(), ports=ports()))

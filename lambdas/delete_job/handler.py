"""Handler of `delete_job`."""

from functools import cache
from typing import Any

from delete_job.flow import Ports, delete_job
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload
from mediagen.wiring.erase import ErasingSettings as Settings
from mediagen.wiring.erase import deletion_records, erasing_ports

preload.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    settings = read_settings(Settings)
    records = clients.job_records(settings.database_url)
    return Ports(records, deletion_records(settings), erasing_ports(settings))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer DELETE /jobs/{jobId}."""
    return edge.http(event, lambda request: delete_job(request, now=utc_now(), ports=ports()))

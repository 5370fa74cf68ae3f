"""Handler of `retry_job`."""

from functools import cache
from typing import Any

from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload
from mediagen.wiring.accept import AcceptingSettings as Settings
from mediagen.wiring.accept import accepting_ports
from retry_job.flow import Ports, retry_job

preload.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    settings = read_settings(Settings)
    return Ports(clients.job_records(settings.database_url), accepting_ports(settings))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /jobs/{jobId}/retry."""
    return edge.http(event, lambda request: retry_job(request, now=utc_now(), ports=ports()))

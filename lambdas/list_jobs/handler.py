"""Handler of `list_jobs`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from list_jobs.flow import list_jobs
from mediagen.http import edge
from mediagen.records.job_lists import JobLists
from mediagen.settings import StoreUrl, read_settings
from mediagen.wiring import clients, preload

preload.load("pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl


@cache
def lists() -> JobLists:
    """Return the dependencies of the flow."""
    return JobLists(clients.database(read_settings(Settings).database_url))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /jobs."""
    return edge.http(event, lambda request: list_jobs(request, lists=lists()))

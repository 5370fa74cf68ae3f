"""Handler of `get_usage`."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from get_usage.flow import Ports, get_usage
from mediagen.http import edge
from mediagen.limits.budget import Limits
from mediagen.records.usage import UsageRecords
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    concurrent_jobs: int | None
    monthly_budget: Decimal | None


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    settings = read_settings(Settings)
    records = UsageRecords(clients.database(settings.database_url))
    return Ports(records, Limits(settings.concurrent_jobs, settings.monthly_budget))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /usage."""
    return edge.http(event, lambda request: get_usage(request, now=utc_now(), ports=ports()))

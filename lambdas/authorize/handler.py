"""Edge of `authorize`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from authorize.flow import Verdict, authorize
from mediagen import edge, wiring
from mediagen.access_records import User
from mediagen.judging import Judges
from mediagen.settings import read_settings
from mediagen.times import utc_now


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url_parameter: str
    redis_url_parameter: str
    failures_per_address: int


@cache
def judges() -> Judges[User]:
    """Connect the flow."""
    settings = read_settings(Settings)
    return wiring.judges(settings.database_url_parameter, settings.redis_url_parameter, settings.failures_per_address)


def lambda_handler(event: edge.Event, _context: Any) -> Verdict:
    """Answer a question of the HTTP API."""
    return edge.task(
        "authorize",
        lambda: authorize(event, now=utc_now(), judges=judges()),
        requestId=edge.request_id(event),
    )

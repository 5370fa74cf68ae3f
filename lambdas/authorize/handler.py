"""Edge of `authorize`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from authorize.flow import Verdict, authorize
from mediagen import edge, wiring
from mediagen.access_records import AccessRecords, User
from mediagen.failed_keys import FailedKeys
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
    return Judges(
        find_user=AccessRecords(wiring.database(settings.database_url_parameter)).find_user,
        failed_keys=FailedKeys(lambda: wiring.secrets().parameter(settings.redis_url_parameter)),
        limit=settings.failures_per_address,
    )


def lambda_handler(event: edge.Event, _context: Any) -> Verdict:
    """Answer a question of the HTTP API."""
    return edge.task(
        "authorize",
        lambda: authorize(event, now=utc_now(), judges=judges()),
        requestId=edge.request_id(event),
    )

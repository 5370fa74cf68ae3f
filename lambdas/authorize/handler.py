"""Edge of `authorize`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from authorize.flow import Verdict, authorize
from mediagen import edge, wiring
from mediagen.access_records import AccessRecords
from mediagen.settings import read_settings
from mediagen.times import utc_now


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url_parameter: str


@cache
def records() -> AccessRecords:
    """Return where keys are looked up."""
    return AccessRecords(wiring.database(read_settings(Settings).database_url_parameter))


def lambda_handler(event: edge.Event, _context: Any) -> Verdict:
    """Answer a question of the HTTP API."""
    return edge.task(
        "authorize",
        lambda: authorize(event, find_user=lambda key: records().find_user(key, utc_now())),
        requestId=edge.request_id(event),
    )

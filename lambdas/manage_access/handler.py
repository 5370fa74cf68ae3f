"""Edge of `manage_access`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from manage_access.flow import Answer, manage_access
from mediagen import edge, wiring
from mediagen.access_records import AccessRecords
from mediagen.settings import read_settings
from mediagen.times import utc_now


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url_parameter: str
    redis_url_parameter: str
    key_prefix: str


@cache
def settings() -> Settings:
    """Read the environment of this function."""
    return read_settings(Settings)


def lambda_handler(event: edge.Event, _context: Any) -> Answer:
    """Do what the deployer asks for."""
    given = settings()
    records = AccessRecords(wiring.database(given.database_url_parameter))
    catalogue = wiring.catalogue("{}", given.redis_url_parameter, given.database_url_parameter)

    def run() -> Answer:
        return manage_access(event, now=utc_now(), key_prefix=given.key_prefix, records=records, catalogue=catalogue)

    return edge.task("manage_access", run)

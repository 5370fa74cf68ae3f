"""Edge of `manage_access`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from manage_access.flow import Answer, Ports, manage_access
from mediagen import edge, wiring
from mediagen.records.access import AccessRecords
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
    ports = Ports(
        AccessRecords(wiring.database(given.database_url_parameter)),
        wiring.known_keys(given.redis_url_parameter),
        wiring.catalogue("{}", given.redis_url_parameter, given.database_url_parameter),
    )
    return edge.task(
        "manage_access", lambda: manage_access(event, now=utc_now(), key_prefix=given.key_prefix, ports=ports)
    )

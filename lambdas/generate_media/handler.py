"""Edge of `generate_media`."""

from functools import cache
from typing import Any

from generate_media.flow import generate_media
from mediagen import edge, first_request
from mediagen.accepting import Ports
from mediagen.accepting_wiring import AcceptingSettings as Settings
from mediagen.accepting_wiring import accepting_ports
from mediagen.settings import read_settings
from mediagen.times import utc_now

first_request.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Connect the flow."""
    return accepting_ports(read_settings(Settings))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /generate-media."""
    return edge.http(event, lambda request: generate_media(request, now=utc_now(), ports=ports()))

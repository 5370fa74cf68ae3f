"""Handler of `generate_media`."""

from functools import cache
from typing import Any

from generate_media.flow import generate_media
from mediagen.http import edge
from mediagen.lifecycle.accept import Ports
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import preload
from mediagen.wiring.accept import AcceptingSettings as Settings
from mediagen.wiring.accept import accepting_ports

preload.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    return accepting_ports(read_settings(Settings))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /generate-media."""
    return edge.http(event, lambda request: generate_media(request, now=utc_now(), ports=ports()))

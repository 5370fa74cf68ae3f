"""Edge of `generate_media`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from generate_media.flow import Ports, generate_media
from mediagen import edge, wiring
from mediagen.settings import read_settings
from mediagen.submission_wiring import SubmissionSettings, submission_ports
from mediagen.times import utc_now


@dataclass(frozen=True, slots=True)
class Settings(SubmissionSettings):
    """The environment of this function."""

    rate_limit_per_hour: int


@cache
def ports() -> Ports:
    """Connect the flow."""
    settings = read_settings(Settings)
    submission = submission_ports(settings)
    return Ports(
        catalogue=wiring.catalogue(settings.models, settings.redis_url_parameter, settings.database_url_parameter),
        limiter=wiring.cache_of(settings.redis_url_parameter),
        limit_per_hour=settings.rate_limit_per_hour,
        records=wiring.job_records(settings.database_url_parameter),
        claims=wiring.claim_records(settings.database_url_parameter),
        submission=submission,
    )


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer POST /generate-media."""
    return edge.http(event, lambda request: generate_media(request, now=utc_now(), ports=ports()))

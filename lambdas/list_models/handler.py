"""Edge of `list_models`."""

from dataclasses import dataclass
from typing import Any

from list_models.flow import Ports, answer
from mediagen import edge, wiring
from mediagen.settings import read_settings
from mediagen.times import utc_now


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url_parameter: str
    redis_url_parameter: str
    models: str


def ports() -> Ports:
    """Connect the flow; the catalogue is kept for the life of the container."""
    settings = read_settings(Settings)
    redis, database = settings.redis_url_parameter, settings.database_url_parameter
    return Ports(wiring.catalogue(settings.models, redis, database), wiring.model_health(redis))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /models and GET /models/{modelId}."""
    return edge.http(event, lambda request: answer(request, now=utc_now(), ports=ports()))

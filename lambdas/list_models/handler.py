"""Edge of `list_models`."""

from dataclasses import dataclass
from typing import Any

from list_models.flow import answer
from mediagen import edge, wiring
from mediagen.catalogue import Catalogue
from mediagen.settings import read_settings


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url_parameter: str
    redis_url_parameter: str
    models: str


def catalogue() -> Catalogue:
    """Connect the flow; the catalogue is kept for the life of the container."""
    settings = read_settings(Settings)
    return wiring.catalogue(settings.models, settings.redis_url_parameter, settings.database_url_parameter)


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /models and GET /models/{modelId}."""
    return edge.http(event, lambda request: answer(request, catalogue=catalogue()))

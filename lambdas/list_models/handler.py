"""Handler of `list_models`."""

from dataclasses import dataclass
from typing import Any

from list_models.flow import Ports, answer
from mediagen.http import edge
from mediagen.settings import StoreUrl, read_settings
from mediagen.times import utc_now
from mediagen.wiring import clients, preload

preload.load("redis")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl
    redis_url: StoreUrl
    models: str


def ports() -> Ports:
    """Return the dependencies of the flow. The catalogue is kept for the life of the container."""
    settings = read_settings(Settings)
    redis, database = settings.redis_url, settings.database_url
    return Ports(clients.catalogue(settings.models, redis, database), clients.model_health(redis))


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /models and GET /models/{modelId}."""
    return edge.http(event, lambda request: answer(request, now=utc_now(), ports=ports()))

"""The catalogue of models: `MODELS` from the environment, overridden by `model_configurations`, cached in Redis."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from mediagen.cache.cache import Cache
from mediagen.degraded import degraded
from mediagen.errors.refusals import FieldError, UnknownModel
from mediagen.records.database import Database, Row

MEMORY_SECONDS = 60  # a change of model_configurations takes effect within the cache's hour plus this
DEFAULT_DEADLINE_SECONDS = 30 * 60  # Replicate's own default for a run

MEDIA_TYPES = ("video", "image", "audio")

_ROWS = "SELECT media_type, model_id, configuration FROM model_configurations"
_PUT = """
INSERT INTO model_configurations (media_type, model_id, configuration, updated_at)
VALUES (:media_type, :model_id, CAST(:entry AS jsonb), :now)
ON CONFLICT (media_type, model_id) DO UPDATE
SET configuration = excluded.configuration, updated_at = excluded.updated_at
"""

type Models = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Model:
    """One catalogue entry.

    Price in US dollars per generation, times in seconds, `input_schema` a JSON Schema of params.
    """

    media_type: str
    model_id: str
    version: str
    pricing: Decimal
    estimated_seconds: int
    supported_params: tuple[str, ...]
    input_schema: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    deadline_seconds: int = DEFAULT_DEADLINE_SECONDS


def read_model(media_type: str, model_id: str, entry: Mapping[str, Any]) -> Model:
    """Parse one entry of the configuration. Raises KeyError if `version` is missing."""
    schema = entry.get("inputSchema") or {}
    return Model(
        media_type=media_type,
        model_id=model_id,
        version=str(entry["version"]),
        pricing=Decimal(str(entry.get("pricing", 0))),
        estimated_seconds=int(entry.get("estimatedTime", 60)),
        supported_params=tuple(entry.get("supportedParams") or schema.get("properties", {})),
        input_schema=schema,
        defaults=entry.get("defaults") or {},
        deadline_seconds=int(entry.get("deadlineSeconds", DEFAULT_DEADLINE_SECONDS)),
    )


def merge(base: Models, rows: list[Row]) -> Models:
    """Override the environment's models with rows of `model_configurations`; a null configuration removes a model."""
    merged = {media_type: dict(models) for media_type, models in base.items()}
    for row in rows:
        models = merged.setdefault(row["media_type"], {})
        if row["configuration"] is None:
            models.pop(row["model_id"], None)
        else:
            models[row["model_id"]] = row["configuration"]
    return merged


class Catalogue:
    """Find models in the cache, then in PostgreSQL; if both are unavailable, in the environment alone."""

    def __init__(self, models_json: str, cache: Cache, database: Database) -> None:
        self._base: Models = json.loads(models_json)
        self._cache = cache
        self._database = database
        self._memory: tuple[float, Models] | None = None

    def find(self, media_type: str, model_id: str) -> Model:
        """Return a model. Raises UnknownModel, which lists the existing ones."""
        models = self._models().get(media_type, {})
        if model_id not in models:
            names = sorted(models)
            wrong = FieldError("modelId", "unknown_model", f"There is no {media_type} model of this name.", names)
            raise UnknownModel(f"Unknown {media_type} model.", errors=[wrong])
        return read_model(media_type, model_id, models[model_id])

    def all(self) -> list[Model]:
        """List the models by media type and name. An entry that cannot be parsed is left out, logged and counted."""
        found: list[Model] = []
        models = self._models()
        for media_type in MEDIA_TYPES:
            for name, entry in sorted(models.get(media_type, {}).items()):
                with degraded("model"):
                    found.append(read_model(media_type, name, entry))
        return found

    def put(self, media_type: str, model_id: str, configuration: Mapping[str, Any] | None, now: datetime) -> None:
        """Store an override for a model, or remove the model. It takes effect when the containers' caches expire."""
        entry = None if configuration is None else json.dumps(configuration)
        self._database.run(_PUT, media_type=media_type, model_id=model_id, entry=entry, now=now)
        self._cache.remember_models(self._database.run(_ROWS), changed=True)

    def _models(self, clock: Callable[[], float] = time.monotonic) -> Models:
        if self._memory is None or clock() - self._memory[0] > MEMORY_SECONDS:
            self._memory = clock(), merge(self._base, self._overrides())
        return self._memory[1]

    def _overrides(self) -> list[Row]:
        """Read the overrides. The environment's models are not cached, because a deployment changes them at once."""
        kept: list[Row] | None = self._cache.models()
        if kept is not None:
            return kept
        rows: list[Row] = []
        with degraded("model_configurations"):
            rows = self._database.run(_ROWS)
            self._cache.remember_models(rows)
        return rows

"""Answer which models there are: what each takes, what it costs, how long it runs, whether it works at present, and a
request to start from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mediagen.errors.refusals import FieldError, InvalidFields, ModelNotFound
from mediagen.http.edge import Request, Response
from mediagen.http.validation import invalid_fields
from mediagen.models.catalogue import MEDIA_TYPES, Catalogue, Model
from mediagen.models.health import ModelHealth
from mediagen.models.input_schemas import example_params, input_schema


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of answering the models."""

    catalogue: Catalogue
    health: ModelHealth


def answer(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Answer either route: one model if the path has an id, otherwise all."""
    return (get_model if request.path else list_models)(request, now=now, ports=ports)


def list_models(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Answer all models as `{"models": [...]}`, or those of one `?mediaType=`. Raises InvalidFields."""
    request.caller(["mediaType"])
    wanted = _of(_media_type(request.query), ports.catalogue.all())
    return Response(200, {"models": _documents(wanted, now=now, health=ports.health)})


def get_model(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Answer one model. `?mediaType=` selects between two with the same id. Raises ModelNotFound, InvalidFields."""
    request.caller(["mediaType"])
    wanted, model_id = _media_type(request.query), request.path.get("modelId", "")
    found = [model for model in _of(wanted, ports.catalogue.all()) if model.model_id == model_id]
    if not found:
        raise ModelNotFound("There is no such model.")
    if len(found) > 1:
        types = [model.media_type for model in found]
        wrong = FieldError("mediaType", "required", "Models of several media types have this name.", types)
        raise InvalidFields("Say of which media type the model is.", errors=[wrong])
    return Response(200, _documents(found, now=now, health=ports.health)[0])


def _media_type(query: Mapping[str, str]) -> str | None:
    wanted = query.get("mediaType")
    if wanted is not None and wanted not in MEDIA_TYPES:
        wrong = FieldError("mediaType", "enum", "There is no such media type.", list(MEDIA_TYPES))
        raise invalid_fields([wrong], "query parameter")
    return wanted


def _of(media_type: str | None, models: Sequence[Model]) -> list[Model]:
    return [model for model in models if media_type in (None, model.media_type)]


def _documents(models: Sequence[Model], *, now: datetime, health: ModelHealth) -> list[dict[str, Any]]:
    stands = health.look(models, now=now)
    return [_document(model) | {"availability": stand.document()} for model, stand in zip(models, stands, strict=True)]


def _document(model: Model) -> dict[str, Any]:
    """Return a model: `estimatedTime` and `deadlineSeconds` in seconds, `estimatedCost` in dollars per generation."""
    schema = input_schema(model)
    names = {"mediaType": model.media_type, "modelId": model.model_id}
    return names | {
        "estimatedTime": model.estimated_seconds,
        "estimatedCost": float(model.pricing),
        "deadlineSeconds": model.deadline_seconds,
        "inputSchema": schema,
        "example": names | {"params": example_params(schema)},
    }

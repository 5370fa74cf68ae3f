"""What a client asks for: the body of a request for media, checked field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediagen.refusals import FieldError, InvalidFields
from mediagen.request_validator import PROPERTIES, REQUIRED
from mediagen.validation import find_errors


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request whose form is right; whether the model takes its params is found out with the model."""

    media_type: str
    model_id: str
    params: Mapping[str, Any]


def read_wanted(body: Mapping[str, Any]) -> Wanted:
    """Check the body; `prompt` becomes `params.prompt`. Raises InvalidFields that names every wrong field."""
    errors = find_errors(body, PROPERTIES, required=REQUIRED)
    params: Mapping[str, Any] = body.get("params", {})
    if "prompt" in body and not errors:
        if "prompt" in params:
            errors = [FieldError("prompt", "duplicate", "Give the prompt once: as prompt or as params.prompt.")]
        params = {**params, "prompt": body["prompt"]}
    if errors:
        raise InvalidFields(f"{len(errors)} of the fields are not right.", errors=errors)
    return Wanted(body["mediaType"], body["modelId"], params)

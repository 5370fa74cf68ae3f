"""The body of a request for media, checked field by field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mediagen.errors.refusals import FieldError
from mediagen.http.validation import find_errors, invalid_fields
from mediagen.jobs.request_validator import PROPERTIES, REQUIRED

MAX_METADATA = 16 * 1024  # characters as JSON: a response may have 6 MB, and a list shows the metadata of 100 jobs


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """A well-formed request. The model checks its params and its deadline later.

    `callback_url` is checked later as well. `deadline_seconds` None: the model's deadline. `retry_of`: the job whose
    request this one repeats.
    """

    media_type: str
    model_id: str
    params: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    deadline_seconds: int | None = None
    retry_of: str | None = None
    callback_url: str | None = None


def read_wanted(body: Mapping[str, Any]) -> MediaRequest:
    """Parse and check the body; `prompt` becomes `params.prompt`. Raises InvalidFields with every invalid field."""
    errors = find_errors(body, PROPERTIES, required=REQUIRED)
    params: Mapping[str, Any] = body.get("params", {})
    if "prompt" in body and not errors:
        if "prompt" in params:
            errors = [FieldError("prompt", "duplicate", "Give the prompt once: as prompt or as params.prompt.")]
        params = {**params, "prompt": body["prompt"]}
    metadata: Mapping[str, Any] = body.get("metadata", {})
    if not errors and len(json.dumps(metadata)) > MAX_METADATA:
        told = f"metadata must have at most {MAX_METADATA} characters as JSON, escapes included."
        errors = [FieldError("metadata", "maxLength", told, MAX_METADATA)]
    if errors:
        raise invalid_fields(errors)
    deadline = body.get("deadlineSeconds")
    seconds = None if deadline is None else int(deadline)
    wanted = MediaRequest(body["mediaType"], body["modelId"], params, metadata=metadata, deadline_seconds=seconds)
    return replace(wanted, callback_url=body.get("callbackUrl"))

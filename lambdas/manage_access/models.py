"""Catalogue entries, for operators. Mistakes are reported here, not later to a client."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mediagen.errors.refusals import InvalidFields, InvalidRequest
from mediagen.models.catalogue import MEDIA_TYPES, Catalogue, read_model
from mediagen.models.input_schemas import example_params, input_schema

LONGEST_ENTRY = 32 * 1024  # characters; all entries are read together, once a minute by each container
NAMES = {"version", "pricing", "estimatedTime", "supportedParams", "inputSchema", "defaults", "deadlineSeconds"}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
# With the next lines as terraform/variables_models.tf has it.
_VERSION = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*(:[0-9a-f]{64})?|[0-9a-f]{64}")
_PARAM = re.compile(r"[A-Za-z0-9_]+")


def put_model(event: Mapping[str, Any], *, now: datetime, catalogue: Catalogue) -> dict[str, Any]:
    """Store `configuration` in the catalogue; null removes the model. Raises InvalidRequest naming every mistake."""
    media_type, model_id, entry = event.get("mediaType"), event.get("modelId"), event.get("configuration", {})
    problems = list(wrong_names(media_type, model_id))
    if entry is not None and not problems:
        problems = list(wrong_entry(entry)) or list(wrong_params(str(media_type), str(model_id), entry))
    if problems:
        raise InvalidRequest("; ".join(problems))
    catalogue.put(str(media_type), str(model_id), entry, now)
    return {"mediaType": media_type, "modelId": model_id, "isOffered": entry is not None}


def wrong_names(media_type: object, model_id: object) -> Iterator[str]:
    """Return the mistakes in the names of an entry."""
    if media_type not in MEDIA_TYPES:
        yield f"mediaType must be one of {', '.join(MEDIA_TYPES)}"
    if not isinstance(model_id, str) or not _ID.fullmatch(model_id):
        yield "modelId must be lower-case letters, digits, dots and dashes"


def wrong_entry(entry: object) -> Iterator[str]:
    """Return the mistakes in the form of an entry."""
    if not isinstance(entry, dict) or len(str(entry)) > LONGEST_ENTRY:
        yield f"configuration must be an object of up to {LONGEST_ENTRY} characters"
        return
    if unknown := sorted(set(entry) - NAMES):
        yield f"a model has no {', '.join(unknown)}"
    if not _VERSION.fullmatch(str(entry.get("version"))):
        yield "version must be owner/name, owner/name:version, or the 64 hexadecimal digits of one version"
    if not _is_number(entry.get("pricing"), at_least=0):
        yield "pricing must be dollars, 0 or more"
    for name, otherwise in (("estimatedTime", None), ("deadlineSeconds", 1)):
        if not _is_number(entry.get(name, otherwise), at_least=1):
            yield f"{name} must be seconds, 1 or more"
    names = entry.get("supportedParams")
    if not isinstance(names, list) or not all(isinstance(name, str) and _PARAM.fullmatch(name) for name in names):
        yield "supportedParams must be a list of names"
    for name in ("inputSchema", "defaults"):
        if not isinstance(entry.get(name, {}), dict):
            yield f"{name} must be an object"


def wrong_params(media_type: str, model_id: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """Validate a model's example with its own checks, as a request is validated."""
    from mediagen.models.params import checked_params

    model = read_model(media_type, model_id, entry)
    try:
        checked_params(model, example_params(input_schema(model)))
    except InvalidFields as refused:
        yield "the example of inputSchema is not accepted: " + ", ".join(error.message for error in refused.errors)
    except (ValueError, TypeError, KeyError, AttributeError, re.PatternError) as error:  # of what cannot be compiled
        yield f"inputSchema is no JSON Schema: {type(error).__name__}: {error}"[:300]


def _is_number(value: object, *, at_least: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= at_least

"""The parameters of a list, parsed from the query."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mediagen.http.validation import Check, InvalidValue, find_errors, invalid_fields
from mediagen.jobs.state import Status
from mediagen.models.catalogue import MEDIA_TYPES
from mediagen.records.job_lists import Filters
from mediagen.times import parse_iso

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_MODEL_ID = 100  # characters, as in a request for media
_MODEL_ID = re.compile(rf"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{{1,{MAX_MODEL_ID}}}")  # as the OpenAPI document has it


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The filters, the page size and the position of a list."""

    filters: Filters
    limit: int
    cursor: str | None


def read_query(query: Mapping[str, str]) -> ListQuery:
    """Parse the query. Raises InvalidFields with every invalid or unknown parameter."""
    errors = find_errors(query, _CHECKS)
    if errors:
        raise invalid_fields(errors, "query parameter")
    status, created_after = query.get("status"), query.get("createdAfter")
    filters = Filters(
        status=Status(status) if status else None,
        media_type=query.get("mediaType"),
        model_id=query.get("modelId"),
        created_after=_moment(created_after) if created_after else None,
    )
    return ListQuery(filters, int(query.get("limit", DEFAULT_LIMIT)), query.get("cursor"))


def _one_of(allowed: Sequence[str]) -> Check:
    def check(value: str, name_prefix: str = "") -> None:
        if value not in allowed:
            definition = {"enum": list(allowed)}
            raise InvalidValue(f"{name_prefix} must be one of {list(allowed)}", value, name_prefix, definition, "enum")

    return check


def _limit(value: str, name_prefix: str = "") -> None:
    if not (value.isascii() and value.isdecimal() and len(value) <= 3 and 1 <= int(value) <= MAX_LIMIT):
        told = f"{name_prefix} must be a whole number from 1 to {MAX_LIMIT}"
        raise InvalidValue(told, value, name_prefix, {"range": [1, MAX_LIMIT]}, "range")


def _model_id(value: str, name_prefix: str = "") -> None:
    if not _MODEL_ID.fullmatch(value):
        told = f"{name_prefix} must have 1 to {MAX_MODEL_ID} characters, no control characters among them"
        raise InvalidValue(told, value, name_prefix, {"maxLength": MAX_MODEL_ID}, "maxLength")


def _created_after(value: str, name_prefix: str = "") -> None:
    try:
        _moment(value)
    except (ValueError, OverflowError) as error:
        told = f"{name_prefix} must be an instant such as 2026-11-22T17:00:00Z; write the + of an offset as %2B"
        raise InvalidValue(told, value, name_prefix, {"format": "date-time"}, "format") from error


def _moment(text: str) -> datetime:
    return parse_iso(text).astimezone(UTC)


def _cursor(_value: str, name_prefix: str = "") -> None:
    """Accept any text: the cursor's signature is checked where the key is available."""


_CHECKS: dict[str, Check] = {
    "status": _one_of([str(status) for status in Status]),
    "mediaType": _one_of(MEDIA_TYPES),
    "modelId": _model_id,
    "createdAfter": _created_after,
    "limit": _limit,
    "cursor": _cursor,
}

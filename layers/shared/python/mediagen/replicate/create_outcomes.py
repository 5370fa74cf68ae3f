"""Outcomes of a create call at Replicate. They decide whether a job may be sent again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediagen.strict_json import read_json

ACCOUNT_RETRY_SECONDS = 300  # an operator needs minutes for a fix
LONGEST_RETRY_SECONDS = 3600
OK = {200, 201, 202}
ACCOUNT_PROBLEMS = {401, 402, 403}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Replicate accepted the job, and will bill it."""

    prediction: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Replicate certainly did not accept the job. It may be sent again later."""

    reason: str
    retry_after_seconds: int
    operators_fault: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Replicate will never accept this job. `code` is one of our failures; `invalid_fields` are Replicate's, if any."""

    code: str
    invalid_fields: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost: Replicate may or may not have the job."""

    reason: str


type Outcome = Accepted | NotTaken | Refused | Unknown


def read_outcome(status: int, body: bytes) -> Outcome:
    """Return the outcome that an answer to a create call stands for."""
    document = json_object(body)
    if status in OK:
        return Accepted(document) if document.get("id") else Unknown("no id in the answer")
    if status == 429:
        return NotTaken("throttled", retry_after_seconds=_seconds(document.get("retry_after"), 5))
    if status in ACCOUNT_PROBLEMS:
        return NotTaken(f"account problem, status {status}", ACCOUNT_RETRY_SECONDS, operators_fault=True)
    if status == 404:
        return Refused("model_unavailable")
    if (
        status >= 500 or status < 400 or status == 408
    ):  # a redirect of a POST leaves the outcome as unknown as a crash does
        return Unknown(f"status {status}")
    if "version" in str(document.get("title", "")).lower():  # "Invalid version or not permitted"
        return Refused("model_unavailable")
    fields = document.get("invalid_fields")
    named = (field for field in fields if isinstance(field, dict)) if isinstance(fields, list) else ()
    return Refused("invalid_params", tuple(named))


def json_object(body: bytes) -> dict[str, Any]:
    """Parse the body of an answer. Returns an empty object if it is not a JSON object."""
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _seconds(value: object, otherwise: int) -> int:
    """Round a number of seconds up. A missing or implausible value is replaced by a default."""
    if isinstance(value, (int, float)) and 0 <= value <= LONGEST_RETRY_SECONDS:
        return max(1, math.ceil(value))
    return otherwise

"""The requests of a batch. Each becomes a job or is refused, independently of the others."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from generate_batch.request_validator import PROPERTIES, REQUIRED
from mediagen.errors.refusals import BodyTooLarge, InvalidRequest, Refusal
from mediagen.http.bodies import MAX_BYTES
from mediagen.http.validation import find_errors, invalid_fields
from mediagen.jobs.batches import Draft
from mediagen.jobs.request import read_wanted
from mediagen.jobs.state import Status
from mediagen.lifecycle.accept import Ports, new_job


def read_requests(body: Mapping[str, Any]) -> list[Any]:
    """Return the list of requests in the body. Raises InvalidFields."""
    errors = find_errors(body, PROPERTIES, required=REQUIRED)
    if errors:
        raise invalid_fields(errors)
    requests: list[Any] = body["requests"]
    return requests


def draft_job(request: object, at: int, batch_id: str, user_id: str, *, now: datetime, ports: Ports) -> Draft:
    """Return a request's queued job, or the refusal that the request would get alone."""
    try:
        if not isinstance(request, dict):
            raise InvalidRequest("The request must be a JSON object.")
        size = len(json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode())
        if size > MAX_BYTES:
            raise BodyTooLarge(f"The request has {size} bytes; {MAX_BYTES} are allowed.")
        wanted, urls = read_wanted(request), ports.callback_urls
        job, _ = new_job(user_id, wanted, now=now, catalogue=ports.catalogue, callback_urls=urls)
    except Refusal as refusal:
        return refusal
    return replace(job, status=Status.QUEUED, revision=0, batch_id=batch_id, batch_index=at)

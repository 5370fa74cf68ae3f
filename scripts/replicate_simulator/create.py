"""The routes that create a prediction: strict bodies, the model's schema, deadlines."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from replicate_simulator.answers import (
    CREATE_LIMIT,
    Answer,
    Refusal,
    Request,
    as_json,
    invalid_input,
    not_found,
    problem,
)
from replicate_simulator.catalogue import HIDDEN, Model
from replicate_simulator.faults import Facts, rules_in, text_of
from replicate_simulator.misbehaviour import answered
from replicate_simulator.predictions import Prediction, Webhook
from replicate_simulator.simulator import Simulator
from replicate_simulator.validation import invalid_fields
from replicate_simulator.views import before_its_end

Found = tuple[Model, str]

_EVENTS = ["start", "output", "logs", "completed"]
_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["input"],
    "additionalProperties": False,
    "properties": {
        "input": {"type": "object"},
        "webhook": {"type": "string"},
        "webhook_events_filter": {"type": "array", "items": {"type": "string", "enum": _EVENTS}},
        "stream": {"type": "boolean"},
    },
}
_VERSION_REQUEST = _REQUEST | {
    "required": ["version", "input"],
    "properties": _REQUEST["properties"] | {"version": {"type": "string"}},
}
_NO_VERSION = "The specified version does not exist (or perhaps you don't have permission to use it?)"
_WAIT, _LONGEST_WAIT = re.compile(r"wait(?:=(\d+))?"), 60
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def by_version(simulator: Simulator, request: Request) -> Answer:
    """POST /v1/predictions."""

    def find(body: Mapping[str, Any]) -> Found:
        found = simulator.catalogue.find(body["version"])
        if found is None:
            raise Refusal(problem(422, _NO_VERSION, "Invalid version or not permitted"))
        return found

    return _create(simulator, request, _VERSION_REQUEST, find)


def by_model(simulator: Simulator, request: Request, owner: str, name: str) -> Answer:
    """POST /v1/models/{owner}/{name}/predictions; official models only."""
    found = simulator.catalogue.official(f"{owner}/{name}")
    return not_found() if found is None else _create(simulator, request, _REQUEST, lambda _: found)


def by_deployment(simulator: Simulator, request: Request, owner: str, name: str) -> Answer:
    """POST /v1/deployments/{owner}/{name}/predictions."""
    deployment = f"{owner}/{name}"
    found = simulator.catalogue.deployment(deployment)
    if found is None:
        return not_found()
    return _create(simulator, request, _REQUEST, lambda _: found, deployment)


def _create(
    simulator: Simulator,
    request: Request,
    schema: Mapping[str, Any],
    find: Callable[[Mapping[str, Any]], Found],
    deployment: str | None = None,
) -> Answer:
    refusal = simulator.rate_limit.refusal()
    if refusal:
        return refusal
    body = _body(request, schema)
    model, version = find(body)
    facts = _facts(model, body)

    def accept() -> Answer:
        _refuse_invalid(invalid_fields(body["input"], model.input_schema, "input"))
        prediction = Prediction(
            model,
            version if version != HIDDEN else model.latest,
            body["input"],
            _webhook(body),
            deployment,
            request.account,
            bool(body.get("stream")),
            _lifetime(request, simulator.settings.minimum_cancel_after_seconds),
        )
        accepted = simulator.start(prediction, facts)
        seconds = _wait_seconds(request)
        if seconds and prediction.ended.wait(seconds):
            accepted = before_its_end(simulator.render(prediction))
        return as_json(accepted, 201, CREATE_LIMIT)

    return answered(simulator, facts, accept)


def _body(request: Request, schema: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refusal(problem(400, "The request body is not valid JSON.", "Bad request")) from None
    _refuse_invalid(invalid_fields(body, schema))
    assert isinstance(body, dict)
    return body


def _facts(model: Model, body: Mapping[str, Any]) -> Facts:
    text = text_of(body["input"])
    try:
        rules_in(text)
    except ValueError as mistake:  # otherwise a test with a misspelt marker would pass without its fault
        raise Refusal(problem(422, str(mistake), "Unknown fault")) from None
    webhook = _webhook(body)
    return Facts("create", model.full_name, text, None if webhook is None else webhook.job)


def _webhook(body: Mapping[str, Any]) -> Webhook | None:
    url = body.get("webhook")
    if url is None:
        return None
    if not _acceptable(url):
        wrong = {"type": "format", "field": "webhook", "description": "webhook must be an HTTPS URL"}
        raise Refusal(invalid_input([wrong]))
    events = body.get("webhook_events_filter")
    return Webhook(url, None if events is None else tuple(events))


def _acceptable(url: str) -> bool:
    """Return whether a webhook URL is HTTPS, or HTTP to this machine, which the real service cannot reach."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    local = host in ("127.0.0.1", "localhost") or host.endswith(".localhost")
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _lifetime(request: Request, minimum_seconds: float) -> timedelta | None:
    header = request.headers.get("Cancel-After")
    if header is None:
        return None
    match = _DURATION.fullmatch(header.strip())
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    lifetime = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not lifetime or lifetime < timedelta(seconds=minimum_seconds):
        raise Refusal(problem(422, f"Cancel-After must be a duration of at least {minimum_seconds:g}s."))
    return lifetime


def _wait_seconds(request: Request) -> int:
    """Return how many seconds the answer waits for `Prefer: wait` or `wait=5`; at most 60."""
    match = _WAIT.fullmatch(request.headers.get("Prefer", ""))
    return min(int(match[1] or _LONGEST_WAIT), _LONGEST_WAIT) if match else 0


def _refuse_invalid(fields: list[dict[str, str]]) -> None:
    if fields:
        raise Refusal(invalid_input(fields))

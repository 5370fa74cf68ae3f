"""Invalid requests: each fault is named, and nothing is recorded, sent or spent."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from integration.flows.events import Answer, Context, http_event
from integration.flows.world import JSON, World

OK = {"mediaType": "image", "modelId": "flux-schnell", "params": {"prompt": "ein Boot"}}
KNOWN = ["num_outputs", "output_format", "prompt", "seed"]
WRONG_FIELDS: dict[str, tuple[dict[str, Any], list[tuple[str, str, Any]]]] = {
    "nothing at all": ({}, [("mediaType", "required", None), ("modelId", "required", None)]),
    "another media type": (OK | {"mediaType": "text"}, [("mediaType", "enum", ["video", "image", "audio"])]),
    "a field of its own": (
        OK | {"webhook": "x"},
        [
            (
                "webhook",
                "unknown",
                ["callbackUrl", "deadlineSeconds", "mediaType", "metadata", "modelId", "params", "prompt"],
            )
        ],
    ),
    "params as a list": (OK | {"params": ["a"]}, [("params", "type", "object")]),
    "two prompts": (OK | {"prompt": "b"}, [("prompt", "duplicate", None)]),
    "an unknown param": (OK | {"params": {"prompt": "a", "fps": 3}}, [("params.fps", "unknown", KNOWN)]),
    "a missing param": (OK | {"params": {}}, [("params.prompt", "required", None)]),
    "several at once": (
        OK | {"params": {"prompt": 5, "num_outputs": 9, "output_format": "bmp", "seed": 1.5}},
        [
            ("params.prompt", "type", "string"),
            ("params.num_outputs", "maximum", 4),
            ("params.output_format", "enum", ["webp", "jpg", "png"]),
            ("params.seed", "type", "integer"),
        ],
    ),
    "a param without a schema that is no plain value": (
        OK | {"modelId": "flux-plain", "params": {"prompt": {"a": 1}}},
        [("params.prompt", "type", ["string", "number", "boolean", "array"])],
    ),
    "a text without a schema that is too long": (
        OK | {"modelId": "flux-plain", "params": {"prompt": "a" * 20_001}},
        [("params.prompt", "maxLength", 20_000)],
    ),
}
UNREADABLE: dict[str, tuple[bytes, str, int, str]] = {
    "not JSON": (b"{", "application/json", 400, "invalid_request"),
    "empty": (b"", "application/json", 400, "invalid_request"),
    "a list": (b"[]", "application/json", 400, "invalid_request"),
    "not UTF-8 inside": (b'{"mediaType": "\\ud800"}', "application/json", 400, "invalid_request"),
    "a name twice": (
        b'{"mediaType": "image", "params": {"seed": 1, "seed": 2}}',
        "application/json",
        400,
        "invalid_request",
    ),
    "too many digits": (b'{"seed": ' + str(2**70).encode() + b"}", "application/json", 400, "invalid_request"),
    "Latin-1, as the HTTP API hands it on": (
        '{"prompt": "caf\ufffd"}'.encode(),
        "application/json",
        400,
        "invalid_request",
    ),
    "a NUL": (b'{"prompt": "\\u0000"}', "application/json", 400, "invalid_request"),
    "not a number": (b'{"seed": NaN}', "application/json", 400, "invalid_request"),
    "nested deeply": (b'{"params": ' + b"[" * 17 + b"]" * 17 + b"}", "application/json", 400, "invalid_request"),
    "nested absurdly": (b"[" * 100_000, "application/json", 400, "invalid_request"),
    "too large": (b'{"prompt": "' + b"a" * 262_144 + b'"}', "application/json", 413, "body_too_large"),
    "a form": (b"mediaType=image", "application/x-www-form-urlencoded", 415, "unsupported_content_type"),
    "of no type": (json.dumps(OK).encode(), "", 415, "unsupported_content_type"),
}

LAMBDAS = Path(__file__).parents[3] / "lambdas"
ANY_QUERY = {"show_api", "receive_webhook"}  # pages, and a URL of our own that Replicate calls
ROUTES = [
    (file.parent.name, f"{method.upper()} {path}")
    for file in sorted(LAMBDAS.glob("*/openapi.json"))
    for path, methods in json.loads(file.read_text(encoding="utf-8")).items()
    if path.startswith("/") and file.parent.name not in ANY_QUERY
    for method in methods
]


@pytest.fixture(autouse=True)
def nothing_happened(world: World, redis_client: Redis) -> Any:
    yield
    assert world.count("jobs") == 0
    assert world.replicate.simulator.report()["created"] == 0
    assert world.cloud.waiting(world.queues["submissions"]) == (0, 0)
    assert redis_client.keys("ratelimit:*") == []


def problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = answer.body
    assert (body["status"], body["code"], body["retryable"]) == (status, code, False)
    assert body["detail"]
    return body


@pytest.mark.parametrize(("body", "expected"), WRONG_FIELDS.values(), ids=list(WRONG_FIELDS))
def test_every_wrong_field_is_named_with_what_is_allowed(
    world: World, body: dict[str, Any], expected: list[tuple[str, str, Any]]
) -> None:
    errors = problem(world.post(json.dumps(body).encode()), 422, "invalid_fields")["errors"]
    assert [(error["path"], error["code"], error.get("allowed")) for error in errors] == expected
    assert all(error["message"] for error in errors)


@pytest.mark.parametrize(("body", "content_type", "status", "code"), UNREADABLE.values(), ids=list(UNREADABLE))
def test_a_body_that_cannot_be_read_is_refused(
    world: World, body: bytes, content_type: str, status: int, code: str
) -> None:
    problem(world.post(body, headers={"Content-Type": content_type}), status, code)


@pytest.mark.parametrize("wrong", [{"modelId": "dall-e"}, {"mediaType": "audio"}])
def test_an_unknown_model_is_told_with_those_there_are(world: World, wrong: dict[str, str]) -> None:
    body = problem(world.post(json.dumps(OK | wrong).encode()), 422, "unknown_model")
    [error] = body["errors"]
    known = {"image": ["flux-plain", "flux-schnell", "vanished"], "audio": ["musicgen"]}
    assert (error["path"], error["allowed"]) == ("modelId", known[wrong.get("mediaType", "image")])


def test_a_body_that_is_not_utf_8_is_refused_with_the_place_of_the_byte(world: World) -> None:
    """For unknown content types the HTTP API passes the raw bytes on in base64."""
    event = http_event(
        "POST /generate-media",
        "/generate-media",
        body=b'{"prompt": "caf\xe9"}',
        headers=JSON,
        user_id=world.user_id,
        encoded=True,
    )
    answer = Answer.read(import_module("generate_media.handler").lambda_handler(event, Context(5)))
    assert "byte 15" in problem(answer, 400, "invalid_request")["detail"]


@pytest.mark.parametrize("route", ["/generate-media", "/batches", "/jobs/{jobId}/retry"])
def test_two_idempotency_keys_are_refused(world: World, route: str) -> None:
    function = {"/generate-media": "generate_media", "/batches": "generate_batch"}.get(route, "retry_job")
    body = None if function == "retry_job" else json.dumps(OK).encode()
    event = http_event(
        f"POST {route}",
        route,
        body=body,
        headers=JSON | {"idempotency-key": "one,two"},  # as the HTTP API joins them
        path={"jobId": "019aac7c-0000-7000-8000-000000000000"},
        user_id=world.user_id,
    )
    answer = Answer.read(import_module(f"{function}.handler").lambda_handler(event, Context(5)))
    problem(answer, 400, "invalid_idempotency_key")


def test_a_retry_with_a_body_is_refused(world: World) -> None:
    route = "/jobs/{jobId}/retry"
    path = {"jobId": "019aac7c-0000-7000-8000-000000000000"}
    event = http_event(f"POST {route}", route, body=b"{}", headers=JSON, path=path, user_id=world.user_id)
    answer = Answer.read(import_module("retry_job.handler").lambda_handler(event, Context(5)))
    assert "takes no body" in problem(answer, 400, "invalid_request")["detail"]


def test_a_request_without_a_user_is_unauthorized(world: World) -> None:
    problem(world.post(json.dumps(OK).encode(), headers=JSON, user_id=""), 401, "unauthorized")


def test_a_request_without_a_user_learns_nothing_about_its_body(world: World) -> None:
    problem(world.post(b"{", headers=JSON, user_id=""), 401, "unauthorized")


@pytest.mark.parametrize(("function", "route"), ROUTES)
def test_an_unknown_query_parameter_is_named_on_every_route(world: World, function: str, route: str) -> None:
    event = http_event(route, f"{route.split()[1]}?dryRun=1", body=b"{}", headers=JSON, user_id=world.user_id)
    handler = import_module(f"{function}.handler").lambda_handler
    body = problem(Answer.read(handler(event, Context(5))), 422, "invalid_fields")
    [error] = body["errors"]
    assert (error["path"], error["code"], body["detail"]) == ("dryRun", "unknown", "1 query parameter is invalid.")

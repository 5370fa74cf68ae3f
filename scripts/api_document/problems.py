"""Error responses: those of the error classes, and those of API Gateway itself."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from api_document.errors_page import meaning
from mediagen.errors.problems import problem
from mediagen.errors.refusals import InvalidSignature, Refusal

type Json = dict[str, Any]

# Where the fragments point to; a status without a name here is named after its phrase.
NAMES = {
    HTTPStatus.BAD_REQUEST: "InvalidRequest",
    HTTPStatus.CONTENT_TOO_LARGE: "BodyTooLarge",
    HTTPStatus.UNPROCESSABLE_CONTENT: "InvalidFields",
    HTTPStatus.TOO_MANY_REQUESTS: "RateLimited",
    HTTPStatus.INTERNAL_SERVER_ERROR: "InternalError",
    HTTPStatus.SERVICE_UNAVAILABLE: "Unavailable",
}
# Answers of API Gateway itself. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting.html
GATEWAY = {
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.CONTENT_TOO_LARGE: "Request Too Long",
    HTTPStatus.TOO_MANY_REQUESTS: "Too Many Requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal Server Error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Service Unavailable",
}
_OF_WEBHOOKS = {InvalidSignature}
_COMES_BACK = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def component_responses(kinds: Sequence[type[Refusal]], examples: Json) -> Json:
    """Return one response for each status, with all its codes."""
    statuses = dict.fromkeys(kind.status for kind in kinds)
    return {_name(status): _response(status, _shared(status, kinds), examples) for status in statuses}


def refused(status: HTTPStatus, told: Sequence[type[Refusal]], kinds: Sequence[type[Refusal]], examples: Json) -> Json:
    """Return an operation's response for a status: the shared one if the operation has all its codes."""
    if list(told) == _shared(status, kinds):
        return {"$ref": f"#/components/responses/{_name(status)}"}
    return _response(status, told, examples)


def without_answer(status: str) -> Json:
    """Return the response for a status that only the gateway sends."""
    return _response(HTTPStatus(int(status)), [], {})


def _shared(status: HTTPStatus, kinds: Sequence[type[Refusal]]) -> list[type[Refusal]]:
    return [kind for kind in kinds if kind.status == status and kind not in _OF_WEBHOOKS]


def _name(status: HTTPStatus) -> str:
    return NAMES.get(status, status.phrase.title().replace(" ", ""))


def _response(status: HTTPStatus, told: Sequence[type[Refusal]], examples: Json) -> Json:
    content: Json = {}
    if told:
        content["application/problem+json"] = _problem_content(told, examples)
    lines = [f"`{kind.code}`: {meaning(kind)}" for kind in told]
    if status in GATEWAY and not set(told) & _OF_WEBHOOKS:
        content["application/json"] = _gateway_content(status)
        lines.append(f"Sent by the gateway as `application/json`: {GATEWAY[status]}.")
    return {"description": "\n\n".join(lines), "headers": _headers(status), "content": content}


def _problem_content(told: Sequence[type[Refusal]], examples: Json) -> Json:
    codes = {"enum": [kind.code for kind in told]}
    schema = {"$ref": "#/components/schemas/Problem", "properties": {"code": codes}}
    shown = {kind.code: {"value": _example(kind, examples.get(kind.code, {}))} for kind in told}
    return {"schema": schema, "examples": shown}


def _example(kind: type[Refusal], told: Json) -> Json:
    return problem(kind(meaning(kind))) | told


def _gateway_content(status: HTTPStatus) -> Json:
    return {"schema": {"$ref": "#/components/schemas/GatewayRefusal"}, "example": {"message": GATEWAY[status]}}


def _headers(status: HTTPStatus) -> Json:
    """Name the headers; where the gateway may answer, none of ours is certain."""
    kind = "OptionalRequestId" if status in GATEWAY else "RequestId"
    names = {"X-Request-Id": kind} | ({"Retry-After": "RetryAfter"} if status in _COMES_BACK else {})
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        names |= {"RateLimit": "RateLimit", "RateLimit-Policy": "RateLimitPolicy"}
    return {header: {"$ref": f"#/components/headers/{name}"} for header, name in names.items()}

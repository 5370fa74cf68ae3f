"""Recorded HTTP exchanges as requests in the terms of botocore's service models.

moto parses them, which reads requests on the server side; botocore itself reads answers only. The contract tests pin
the internals of moto that are used here, one test per protocol.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from botocore.exceptions import UnknownServiceError
from botocore.parsers import ResponseParserError, create_parser
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as HttpRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

from aws_requests.recording import Exchange
from aws_requests.request import Finding, Request
from aws_requests.services import UnknownService, scope_of, service_of
from aws_requests.strict import as_sent

RULE = "unreadable"
SOURCE = "botocore's service models, read by moto.core"
# Headers that differ in every request, and that no member of a request is read from.
UNREAD = {
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "content-length",
    "user-agent",
    "x-amz-date",
    "x-amz-security-token",
}
# Equal requests follow each other closely: a queue is asked for its length until it is empty.
REMEMBERED = 1000


@dataclass
class Reading:
    """The requests of a recording, each beside its exchange; `unreadable` are those that fit no operation."""

    requests: list[Request] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    unreadable: list[Finding] = field(default_factory=list)
    repeats: int = 0


class Sent(NamedTuple):
    """All of a request that its meaning depends on."""

    service: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Meaning(NamedTuple):
    """Operation, protocol and members of a request; equal requests share one mapping of members."""

    operation: OperationModel
    protocol: str
    parameters: Mapping[str, Any]


def read_all(exchanges: Iterable[Exchange]) -> Reading:
    """Read every exchange except the repeated attempts."""
    reading = Reading()
    for number, exchange in enumerate(exchanges, 1):
        if exchange.repeat:
            reading.repeats += 1
            continue
        try:
            request = read(number, exchange)
        except Exception as error:  # any: a request that cannot be parsed is what this looks for
            reading.unreadable.append(_unreadable(number, exchange, error))
        else:
            reading.requests.append(request)
            reading.exchanges.append(exchange)
    return reading


def read(number: int, exchange: Exchange) -> Request:
    """Read one exchange; any exception means that AWS could not read it either."""
    headers = tuple((name, value) for name, value in exchange.joined_headers.items() if name not in UNREAD)
    service = service_of(exchange)
    sent = Sent(service, exchange.method, exchange.path, exchange.query, headers, exchange.body.content)
    meaning = _meaning(sent)
    return Request(
        number=number,
        service=service,
        operation=meaning.operation.name,
        parameters=meaning.parameters,
        caller=exchange.caller,
        status=exchange.status,
        answer=_answer(meaning.protocol, meaning.operation, exchange),
        region=scope_of(exchange)[1],
    )


@lru_cache(REMEMBERED)
def _meaning(sent: Sent) -> Meaning:
    http = _http(sent)
    operation, labels = get_service_router(sent.service).match(http)
    protocol = determine_request_protocol(operation.service_model, http.content_type)
    parsed = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": http.method,
            "values": http.values,
            "headers": http.headers,
            "body": sent.body,
            "url_path": http.path,
            "url_params": labels,
        }
    )
    return Meaning(operation, protocol, as_sent(protocol, operation, parsed, sent.body, http))


def shape_of(request: Request) -> Any:
    """Return the input shape of a request's operation, None if it takes no input."""
    return get_service_model(request.service).operation_model(request.operation).input_shape


def _http(sent: Sent) -> HttpRequest:
    headers = dict(sent.headers)
    url = f"http://{headers.get('host') or 'localhost'}{sent.path}" + (f"?{sent.query}" if sent.query else "")
    return HttpRequest.from_primitives(sent.method, url, headers, sent.body)


def _answer(protocol: str, operation: OperationModel, exchange: Exchange) -> dict[str, Any]:
    if exchange.status >= 300 or not operation.output_shape:
        return {}
    response = {
        "status_code": exchange.status,
        "headers": dict(exchange.answer_headers),
        # An object's content is no part of the answer that rules need, and botocore would decode it as text.
        "body": b"" if operation.has_streaming_output else exchange.answer_body.content,
    }
    try:
        parsed: dict[str, Any] = create_parser(protocol).parse(response, operation.output_shape)
    except ResponseParserError:  # the emulator's fault, not the caller's
        return {}
    parsed.pop("ResponseMetadata", None)
    return parsed


def _unreadable(number: int, exchange: Exchange, error: Exception) -> Finding:
    try:
        service = service_of(exchange)
    except (UnknownService, UnknownServiceError):
        service = "unknown"
    request = Request(number, service, "unknown", {}, exchange.caller, exchange.status)
    message = f"{exchange.method} {exchange.path} cannot be read: {type(error).__name__} {error}"
    return Finding(RULE, request, message, SOURCE)

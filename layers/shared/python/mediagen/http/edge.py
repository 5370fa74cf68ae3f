"""The HTTP edge: events of the API become requests, results become responses, and every exception is answered."""

import base64
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from mediagen import log
from mediagen.access import callers
from mediagen.access.callers import TokenUser
from mediagen.errors.problems import problem
from mediagen.errors.refusals import FieldError, InternalError, Refusal, TooManyFailures, Unauthorized
from mediagen.errors.text import describe_with_causes

type Event = Mapping[str, Any]

# A 5xx answer that is our fault. Lambda's own metric `Errors` misses these, because the handler returns.
SERVER_ERROR = (log.Metric("ServerErrors", 1),)
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP API event (payload format 2.0). Header names are lower case."""

    headers: Mapping[str, str]
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    user_id: str
    request_id: str
    rate_per_hour: int | None = None  # the caller's own limit, if an operator set one
    source: str = ""
    slowed_seconds: int = 0
    token_user: TokenUser | None = None

    def caller(self, parameters: Collection[str] | None = ()) -> str:
        """Return the authorizer's user, for a route with these query parameters. None: the route checks them itself.

        Raises Unauthorized if there is no user, TooManyFailures, InvalidFields.
        """
        if self.user_id:
            if parameters is not None:
                refuse_unknown_parameters(self.query, parameters)
            return self.user_id
        if self.slowed_seconds:
            told = "Too many wrong API keys came from this address. A key that is in use goes on working."
            raise TooManyFailures(told, retry_after_seconds=self.slowed_seconds)
        raise Unauthorized("The API key is unknown, expired or revoked. Send it as `Authorization: Bearer vsl_…`.")


def refuse_unknown_parameters(query: Mapping[str, str], known: Collection[str]) -> None:
    """Raise InvalidFields for query parameters that the route does not have: `?dryRun=1` must not be ignored."""
    unknown = [name for name in query if name not in known]
    if unknown:
        from mediagen.http.validation import MAX_ERRORS, invalid_fields  # not needed by every function

        allowed = sorted(known)
        errors = [FieldError(name, "unknown", f"{name} is not known here.", allowed) for name in unknown[:MAX_ERRORS]]
        raise invalid_fields(errors, "query parameter")


@dataclass(frozen=True, slots=True)
class Response:
    """A response. The body is written as JSON, or `text` is sent unchanged. A 204 or a 304 has no body."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    content_type: str = "application/json"


def read_request(event: Event) -> Request:
    """Parse an HTTP API event."""
    context = event.get("requestContext") or {}
    body = event.get("body") or ""
    return Request(
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
        user_id=callers.user_id(context),
        request_id=request_id(event),
        rate_per_hour=callers.rate_per_hour(context),
        source=callers.source(context),
        slowed_seconds=callers.slowed_seconds(context),
        token_user=callers.token_user(context),
    )


def request_id(event: Event) -> str:
    """Return the request id that is also in the HTTP API's access log.

    A client's `X-Request-Id` is not used: it could be the id of another user's request.
    """
    return str((event.get("requestContext") or {}).get("requestId", ""))


def http(event: Event, act: Callable[[Request], Response]) -> dict[str, object]:
    """Answer an HTTP API event. A refusal becomes a problem document; any other exception a 500 without details."""
    log.quiet_libraries()
    with log.occasion(requestId=request_id(event)):
        try:
            response = act(read_request(event))
            return _written(response, event)
        except Refusal as refusal:
            _log_refusal(refusal)
            return _refused(refusal, event)
        except Exception as error:
            log.unexpected(error, metrics=SERVER_ERROR)
            return _refused(InternalError("Something went wrong on our side; the request may be sent again."), event)


def _refused(refusal: Refusal, event: Event) -> dict[str, object]:
    retry = {} if refusal.retry_after_seconds is None else {"Retry-After": str(refusal.retry_after_seconds)}
    headers = retry | refusal.headers
    return _written(Response(refusal.status, problem(refusal), headers, content_type="application/problem+json"), event)


def _written(response: Response, event: Event) -> dict[str, object]:
    common = {"Cache-Control": "no-store", "X-Request-Id": request_id(event)} | dict(response.headers)
    if response.status in _WITHOUT_BODY:
        return {"statusCode": int(response.status), "headers": common, "body": ""}
    body = json.dumps(response.body) if response.text is None else response.text
    return {
        "statusCode": int(response.status),
        "headers": {"Content-Type": response.content_type} | common,
        "body": body,
    }


def _log_refusal(refusal: Refusal) -> None:
    """Log a refusal, with its cause if it is this service's fault. The caller does not see the cause."""
    cause = refusal.__cause__ if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    log.event(
        "request.refused",
        level="ERROR" if cause else refusal.log_level,
        error=describe_with_causes(cause) if cause else None,
        metadata={"code": refusal.code},
        metrics=SERVER_ERROR if cause else (),
    )

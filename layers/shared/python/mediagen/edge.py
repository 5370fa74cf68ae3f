"""The edge of every function: events become requests, results become answers, and no exception gets out unseen.

This is the only file that catches `Exception`.
"""

import base64
import json
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mediagen import log
from mediagen.refusals import InternalError, Refusal, Unauthorized, problem

type Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a flow needs to know of an HTTP API event (payload format 2.0). Header names are lower case."""

    headers: Mapping[str, str]
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    user_id: str
    request_id: str

    def caller(self) -> str:
        """Return the user the authorizer found. Raises Unauthorized where it found none."""
        if not self.user_id:
            raise Unauthorized("The API key is unknown, expired or revoked. Send it as `Authorization: Bearer vsl_…`.")
        return self.user_id


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; the body is written as JSON."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def read_request(event: Event) -> Request:
    """Read an HTTP API event."""
    context = event.get("requestContext", {})
    body = event.get("body") or ""
    return Request(
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
        user_id=str(context.get("authorizer", {}).get("lambda", {}).get("userId") or ""),
        request_id=str(context.get("requestId", "")),
    )


def http(event: Event, act: Callable[[Request], Response]) -> dict[str, object]:
    """Answer an HTTP API event; a refusal becomes a problem document, anything unexpected a 500 that says nothing."""
    request = read_request(event)
    try:
        response = act(request)
    except Refusal as refusal:
        log.event("request.refused", metadata={"code": refusal.code, "requestId": request.request_id})
        return _refused(refusal, request)
    except Exception as error:
        _log_unexpected(error, requestId=request.request_id)
        return _refused(InternalError("Something went wrong on our side; the request may be sent again."), request)
    return _written(response.status, response.body, "application/json", request, response.headers)


def queue(
    event: Event,
    handle: Callable[[Any], None],
    *,
    retry_later: Callable[[str, int], None] = lambda _receipt, _receives: None,
) -> dict[str, object]:
    """Handle each message of an SQS event; those that fail are reported one by one and come back.

    `retry_later(receipt_handle, receives)` may bring a failed message back before its visibility timeout.
    """
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            handle(json.loads(record["body"]))
        except Exception as error:
            receives = int(record["attributes"]["ApproximateReceiveCount"])
            _log_unexpected(error, messageId=record["messageId"], receives=receives)
            failed.append({"itemIdentifier": record["messageId"]})
            attempt("queue.visibility", lambda: retry_later(record["receiptHandle"], receives))  # noqa: B023
    return {"batchItemFailures": failed}


def task[T](name: str, run: Callable[[], T]) -> T:
    """Run something nobody waits for over HTTP: log how long it took, and let its error be the function's error."""
    started = time.monotonic()
    try:
        result = run()
    except Exception as error:
        _log_unexpected(error, task=name)
        raise
    log.event(f"{name}.done", duration_ms=(time.monotonic() - started) * 1000)
    return result


def attempt(part: str, act: Callable[[], object], *, subject: log.Subject = log.NOBODY) -> bool:
    """Do something we can do without; when it fails, say and count it. Returns whether it worked."""
    try:
        act()
    except Exception as error:
        log.degraded(part, error, subject=subject)
        return False
    return True


def _refused(refusal: Refusal, request: Request) -> dict[str, object]:
    retry = {} if refusal.retry_after_seconds is None else {"Retry-After": str(refusal.retry_after_seconds)}
    return _written(refusal.status, problem(refusal), "application/problem+json", request, retry)


def _written(
    status: int, body: Mapping[str, object], content_type: str, request: Request, headers: Mapping[str, str]
) -> dict[str, object]:
    common = {"Content-Type": content_type, "Cache-Control": "no-store", "X-Request-Id": request.request_id}
    return {"statusCode": int(status), "headers": common | dict(headers), "body": json.dumps(body)}


def _log_unexpected(error: Exception, **metadata: object) -> None:
    log.event(
        "unexpected_error",
        level="ERROR",
        error=f"{type(error).__name__}: {error}"[:500],
        metadata=metadata | {"trace": traceback.format_tb(error.__traceback__)[-6:]},
    )

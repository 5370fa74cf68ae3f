"""What API Gateway does with a request before a function is called, and the emulator does not.

Header lines of one name become one, joined by commas. Requests that are too large are refused: API Gateway takes bodies
of 10 MB, and the event that it makes of a request must fit into a synchronous invocation of Lambda.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aws_requests.asgi import App, Message, Receive, Send

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_EVENT = 6 * 1024 * 1024
REST_OF_EVENT = 2000  # bytes that are neither headers nor body: routes, times, the caller
_API_PATH = "/_aws/execute-api/"
_API_HOST = ".execute-api."

type Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TooLarge:
    """An answer of API Gateway."""

    content_type: str
    body: bytes
    status: int = HTTPStatus.CONTENT_TOO_LARGE


def too_large(headers: Texts, body: bytes) -> TooLarge | None:
    """Return AWS's answer to a request that is too large, else None. Texts of the answers: from recorded responses."""
    if len(body) > LARGEST_BODY:
        return TooLarge("text/plain", f"HTTP content length exceeded {LARGEST_BODY} bytes.".encode())
    if event_bytes(headers, body) > LARGEST_EVENT:
        return TooLarge("application/json", b'{"message": "Request Too Long"}')
    return None


def event_bytes(headers: Texts, body: bytes) -> int:
    """Estimate the size of the event: JSON within JSON has more bytes, for each quote and line break one more."""
    is_text = headers.get("content-type", "").startswith(("text/", "application/json"))
    text = body.decode(errors="replace") if is_text else base64.b64encode(body).decode()
    written = json.dumps({"headers": dict(headers), "body": text}, ensure_ascii=False)
    return len(written.encode()) + REST_OF_EVENT


@dataclass
class ApiLimits:
    """ASGI wrapper for requests to our own API; those to AWS's pass unchanged."""

    app: App

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_api(scope):
            await self.app(scope, receive, send)
            return
        body = await _whole_body(receive)
        refused = too_large(_headers(scope), body)
        if refused is None:
            await self.app({**scope, "headers": _joined(scope["headers"])}, _given(body, receive), send)
            return
        headers = [(b"content-type", refused.content_type.encode())]
        await send({"type": "http.response.start", "status": refused.status, "headers": headers})
        await send({"type": "http.response.body", "body": refused.body})


def _is_api(scope: Message) -> bool:
    return scope["path"].startswith(_API_PATH) or _API_HOST in _headers(scope).get("host", "")


def _headers(scope: Message) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b"," + value if name in joined else value
    return list(joined.items())


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _given(body: bytes, receive: Receive) -> Receive:
    """Give a body once that was read already; what comes after it is the client's."""
    read: list[bytes] = [body]

    async def again() -> Message:
        return {"type": "http.request", "body": read.pop(), "more_body": False} if read else await receive()

    return again

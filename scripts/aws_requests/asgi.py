"""ASGI wrapper that records every request to AWS with its answer.

It runs in the emulator's process, so it sees what Terraform, the functions and the deploy scripts really sent, and it
knows the credentials that the emulator gave out. It changes nothing on the wire.
"""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aws_requests.recording import Body, Exchange, Headers, Writer

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Message, Receive, Send], Awaitable[None]]
type Identify = Callable[[str], tuple[str, str]]

REPEAT = "aws_requests.repeat"
# Calls of our own API's clients, and the emulator's own pages: not AWS's API.
NOT_AWS_PATHS = ("/_ministack/", "/_aws/execute-api/", "/health")
NOT_AWS_HOSTS = (".execute-api.",)
CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")


@dataclass
class Recorder:
    """The wrapper; `identify` returns the caller's name and the secret of an access key."""

    app: App
    writer: Writer
    identify: Identify

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_aws(scope):
            await self.app(scope, receive, send)
            return
        started, clock = time.time(), time.monotonic()

        def write() -> None:
            self.writer.write(self._exchange(scope, seen, started, time.monotonic() - clock))

        seen = _Seen(receive, send, write)
        try:
            await self.app(scope, seen.receive, seen.send)
        finally:
            seen.complete()

    def _exchange(self, scope: Message, seen: "_Seen", started: float, seconds: float) -> Exchange:
        headers = _texts(scope["headers"])
        query = scope["query_string"].decode("latin-1")
        caller, secret = self.identify(access_key(headers, query))
        return Exchange(
            started=started,
            seconds=seconds,
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=query,
            headers=headers,
            body=Body.of(seen.sent),
            status=seen.status,
            answer_headers=seen.headers,
            answer_body=Body.of(seen.answered),
            caller=caller,
            secret=secret,
            repeat=REPEAT in scope,
        )


@dataclass
class _Seen:
    """Both directions of one exchange; status 0 means that no answer was begun."""

    receive_from: Receive
    send_to: Send
    write: Callable[[], None]
    sent: list[bytes] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)
    status: int = 0
    headers: Headers = ()
    written: bool = False

    def complete(self) -> None:
        """Write the exchange once."""
        if not self.written:
            self.written = True
            self.write()

    async def receive(self) -> Message:
        message = await self.receive_from()
        if message["type"] == "http.request":
            self.sent.append(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], _texts(message["headers"])
        elif message["type"] == "http.response.body":
            self.answered.append(message.get("body", b""))
            if not message.get("more_body"):
                self.complete()  # before the answer is sent, so that the caller finds its request in the recording
        await self.send_to(message)


def is_aws(scope: Message) -> bool:
    """Return whether a request is one to AWS's API."""
    host = dict(_texts(scope["headers"])).get("host", "")
    return not scope["path"].startswith(NOT_AWS_PATHS) and not any(part in host for part in NOT_AWS_HOSTS)


def access_key(headers: Headers, query: str) -> str:
    """Return the access key that signed a request by header or by query, or an empty text."""
    found = CREDENTIAL.search(dict(headers).get("authorization", ""))
    if found:
        return found[1]
    return parse_qs(query).get("X-Amz-Credential", [""])[0].partition("/")[0]


def _texts(headers: Any) -> Headers:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)

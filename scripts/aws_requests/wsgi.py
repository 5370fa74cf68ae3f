"""WSGI wrapper that records every request to moto's server, which runs in the process of the tests."""

import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aws_requests.asgi import Identify, access_key
from aws_requests.recording import Body, Exchange, Headers, Writer

type Environ = dict[str, Any]
type WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Pages of moto's own.
NOT_AWS_PATHS = ("/moto-api/",)


@dataclass
class WsgiRecorder:
    """The wrapper; `identify` returns the caller's name and the secret of an access key."""

    app: WsgiApp
    writer: Writer
    identify: Identify

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(NOT_AWS_PATHS):
            return self.app(environ, start_response)
        started, clock = time.time(), time.monotonic()
        sent = _read_body(environ)
        answer: list[Any] = ["0", []]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            answer[:] = [status, headers]
            return start_response(status, headers, *more)

        body = b"".join(self.app(environ, start))
        headers, (path, _, query) = _headers(environ), environ["RAW_URI"].partition("?")
        caller, secret = self.identify(access_key(headers, query))
        self.writer.write(
            Exchange(
                started=started,
                seconds=time.monotonic() - clock,
                method=environ["REQUEST_METHOD"],
                path=path,
                query=query,
                headers=headers,
                body=Body.of([sent]),
                status=int(answer[0].split()[0]),
                answer_headers=tuple((name.lower(), value) for name, value in answer[1]),
                answer_body=Body.of([body]),
                caller=caller,
                secret=secret,
            )
        )
        return [body]


def _read_body(environ: Environ) -> bytes:
    stream = environ["wsgi.input"]
    chunked = environ.get("wsgi.input_terminated")
    body: bytes = stream.read() if chunked else stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _headers(environ: Environ) -> Headers:
    plain = {name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)}
    named = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    return tuple((name.replace("_", "-").lower(), value) for name, value in {**plain, **named}.items())

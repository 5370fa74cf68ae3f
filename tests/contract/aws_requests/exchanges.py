"""Exchanges as the emulator would record them: boto3 makes the requests, and no server answers."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from aws_requests.recording import Body, Exchange

SECRET = "test"


class Sent(Exception):
    """Raised instead of sending the request."""


def exchange(service: str, call: Callable[[Any], Any], answer: bytes = b"", *, status: int = 200) -> Exchange:
    """Return the signed request of a call, as the server would receive it."""
    made: list[AWSPreparedRequest] = []

    def stop(request: AWSPreparedRequest, **_more: Any) -> AWSResponse | None:
        made.append(request)
        raise Sent

    client = client_of(service)
    client.meta.events.register_first("before-send.*", stop)
    with suppress(Sent):
        call(client)
    return as_recorded(made[0], answer, status)


def client_of(service: str) -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key=SECRET, region_name="us-east-1")
    config = Config(signature_version="s3v4") if service == "s3" else None
    return session.client(service, endpoint_url="http://127.0.0.1:4566", config=config)


def as_recorded(request: AWSPreparedRequest, answer: bytes, status: int) -> Exchange:
    """Convert a botocore request into an exchange."""
    url = urlsplit(request.url)
    plain = {name.lower(): text(value) for name, value in request.headers.items()}
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Exchange(
        started=time.time(),
        seconds=0.001,
        method=request.method,
        path=url.path or "/",
        query=url.query,
        headers=tuple({"host": url.netloc, **plain}.items()),
        body=Body.of([content]),
        status=status,
        answer_headers=(("content-type", "application/json"),),
        answer_body=Body.of([answer]),
        caller="root",
        secret=SECRET,
    )


def text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value

"""Fetches the links of an input when a run starts, as Replicate does; from this machine only."""

import base64
import binascii
import http.client
import re
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from replicate_simulator.catalogue import Model
from replicate_simulator.files import CHUNK
from replicate_simulator.predictions import Prediction
from replicate_simulator.settings import Settings
from replicate_simulator.uploads import Uploads

_REDIRECTS = 3
_MEDIA = {
    "image": re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8|RIFF....WEBP|BM", re.DOTALL),
    "audio": re.compile(rb"RIFF....WAVE|ID3|\xff[\xe0-\xff]|OggS|fLaC", re.DOTALL),
}


class UnreadableInput(Exception):
    """An input cannot be used; the message is the error of the prediction."""


def check_inputs(prediction: Prediction, settings: Settings, uploads: Uploads) -> None:
    """Read every link of an input. Raises UnreadableInput for the first that does not hold what the model needs."""
    for name, url in _links(prediction.model, prediction.input):
        try:
            own = url.startswith(uploads.url)
            start = _uploaded(url, prediction.account, uploads) if own else _read(url, settings)
            expected = prediction.model.input[name].get("media")
            if expected and not _MEDIA[expected].match(start):
                raise UnreadableInput(f"cannot identify {expected} file")
        except UnreadableInput as problem:
            raise UnreadableInput(f"Input validation error: {name}: {problem}") from None


def _links(model: Model, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, schema in model.input.items():
        value = given.get(name)
        if value is None:
            continue
        if schema.get("format") == "uri":
            yield name, value
        elif schema.get("items", {}).get("format") == "uri":
            yield from ((name, each) for each in value)


def _uploaded(url: str, account: str, uploads: Uploads) -> bytes:
    """Return a file of the account, which Replicate reads without a token."""
    upload = uploads.find(account, url.partition("#")[0].rpartition("/")[2])
    if upload is None:
        raise UnreadableInput("404 Not Found")
    return upload.content


def _read(url: str, settings: Settings) -> bytes:
    """Return the first bytes of a link, after reading all of it."""
    url = url.partition("#")[0]
    if url.startswith("data:"):
        return _decoded(url)
    deadline = time.monotonic() + settings.input_seconds
    try:
        return _downloaded(url, deadline, settings)
    except TimeoutError:
        raise UnreadableInput("timed out") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise UnreadableInput("the link could not be reached") from None


def _decoded(url: str) -> bytes:
    head, _, data = url.partition(",")
    try:
        content = unquote_to_bytes(data)
        return base64.b64decode(content, validate=True) if head.endswith(";base64") else content
    except binascii.Error:
        raise UnreadableInput("the data URI is not base64") from None


def _downloaded(url: str, deadline: float, settings: Settings) -> bytes:
    for _ in range(_REDIRECTS + 1):
        connection = _connect(url, deadline)
        try:
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers={"Host": parts.netloc, "User-Agent": "replicate-simulator"})
            answer = connection.getresponse()
            location = answer.headers.get("Location")
            if location is None or answer.status not in range(300, 400):
                return _body(answer, deadline, settings.largest_input_bytes)
            url = urljoin(url, location)
        finally:
            connection.close()
    raise UnreadableInput("too many redirects")


def _connect(url: str, deadline: float) -> http.client.HTTPConnection:
    """Connect to this machine; other hosts are as unreachable as a private one is for Replicate."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host not in ("127.0.0.1", "localhost") and not host.endswith(".localhost"):
        raise UnreadableInput("the link could not be reached")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind("127.0.0.1", parts.port, timeout=max(0.01, deadline - time.monotonic()))


def _body(answer: http.client.HTTPResponse, deadline: float, most: int) -> bytes:
    if answer.status != HTTPStatus.OK:
        raise UnreadableInput(f"{answer.status} {answer.reason}")
    start, size = b"", 0
    while piece := answer.read1(CHUNK):
        start = start or piece
        size += len(piece)
        if size > most:
            raise UnreadableInput(f"the file is larger than {most} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError
    if answer.length:
        raise ConnectionError("the body ended too early")
    return start

"""Copy one output to a local file: bounded in bytes, in time and in where it may come from."""

import hashlib
import re
import ssl
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from mediagen.errors.text import describe_with_causes
from mediagen.media.data_uri import data_bytes
from mediagen.media.errors import OutputRefused, OutputUnavailable
from mediagen.media.file_types import file_type_of
from mediagen.media.types import MediaType
from mediagen.outbound.addresses import AddressRefused, HostRules, Resolve, check_url, system_addresses, within
from mediagen.outbound.http_exchange import Outgoing, SecondsLeft, exchange

READ_SECONDS = 20.0  # silence in the middle of a file; file hosts pause for a few seconds at most
MAX_REDIRECTS = 3

_PIECE = 256 * 1024
_LENGTH = re.compile(r"[0-9]{1,30}")  # Python reads no number of thousands of digits: such a server says nothing
_MISREAD = re.compile(r"(?=.*[+_])[+_0-9]+")  # such as +5 and 1_0: http.client reads a length, and cuts the file
_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
# Without any credential.
_REQUEST = Outgoing("GET", {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "vsl-media-generation"})


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was copied whole, with the type its bytes have."""

    path: Path
    bytes: int
    sha256: str
    media_type: MediaType


@dataclass(frozen=True, slots=True)
class Source:
    """Where outputs may come from: host rules, and for tests another resolver or other trusted roots."""

    rules: HostRules
    resolve: Resolve = system_addresses
    tls: ssl.SSLContext | None = None


def download(reference: str, path: Path, *, source: Source, limit_bytes: int, seconds_left: SecondsLeft) -> Download:
    """Copy what an http(s) or data URL refers to into a new file.

    Raises OutputRefused (never usable) or OutputUnavailable (may work later); the file is then removed.
    """
    if reference[:5].lower() == "data:":
        pieces = data_bytes(reference, limit_bytes)
    else:
        pieces = _fetch(reference, source, limit_bytes, seconds_left)
    try:
        with closing(pieces):
            size, sha256 = _store(pieces, path, limit_bytes)
        return Download(path, size, sha256, file_type_of(path, reference))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _store(pieces: Iterator[bytes], path: Path, limit_bytes: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > limit_bytes:
                raise OutputRefused("output_too_large", f"more than {limit_bytes} bytes")
            digest.update(piece)
            file.write(piece)
    return size, digest.hexdigest()


def _fetch(url: str, source: Source, limit_bytes: int, seconds_left: SecondsLeft) -> Generator[bytes]:
    """Yield the body behind a URL; what fails on the way becomes one of our two errors."""
    try:
        yield from _follow(url, source, limit_bytes, seconds_left)
    except AddressRefused as error:
        raise OutputRefused("output_host_refused", str(error)) from error
    except (HTTPError, HTTPException, OSError) as error:
        raise OutputUnavailable(describe_with_causes(error)) from error


def _follow(url: str, source: Source, limit_bytes: int, seconds_left: SecondsLeft) -> Generator[bytes]:
    for _ in range(MAX_REDIRECTS + 1):
        destination = check_url(url, source.rules, within(seconds_left, source.resolve))
        with exchange(
            _REQUEST, destination, tls=source.tls, seconds_left=seconds_left, read_seconds=READ_SECONDS
        ) as response:
            if response.status not in _REDIRECTS:
                _check(response, limit_bytes)
                yield from _body(response)
                return
            url = _redirected(url, response)
    raise OutputRefused("output_host_refused", f"more than {MAX_REDIRECTS} redirects")


def _body(response: BaseHTTPResponse) -> Iterator[bytes]:
    piece = response.read1(_PIECE)
    # http.client takes a connection cut within the headers for an answer with an empty body.
    if not piece and response.headers.get("Content-Length") != "0":
        raise ConnectionError("nothing came: an answer that broke off")
    while piece:
        yield piece
        piece = response.read1(_PIECE)  # what has arrived, not a full piece


def _redirected(url: str, response: BaseHTTPResponse) -> str:
    try:
        return urljoin(url, response.headers.get("Location", ""))
    except ValueError as error:
        raise AddressRefused("a redirect to what is not a URL") from error


def _check(response: BaseHTTPResponse, limit_bytes: int) -> None:
    if response.status in _GONE:
        raise OutputRefused("media_expired", f"status {response.status}")
    if response.status != HTTPStatus.OK:
        raise OutputUnavailable(f"status {response.status}")
    coding, length = (response.headers.get(name, "") for name in ("Transfer-Encoding", "Content-Length"))
    if coding.strip().lower() not in ("", "chunked") or _MISREAD.fullmatch(length):
        raise OutputUnavailable("a body that would be read wrong")
    if _LENGTH.fullmatch(length) and int(length) > limit_bytes:
        raise OutputRefused("output_too_large", f"{length} bytes, more than {limit_bytes}")

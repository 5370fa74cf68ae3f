"""One HTTP exchange: pooled connections, verified TLS, timeouts. It neither signs nor repeats."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from mediagen.aws.errors import ANSWER_LOST, CONNECT_FAILED, DEADLINE_EXCEEDED, AwsError
from mediagen.aws.limits import Limits
from mediagen.errors.text import describe
from mediagen.tls import tls_context

# A function uses two or three threads at a time; a further connection is used once and closed.
POOL_SIZE = 10
# 200 MB over loopback: 130-190 ms; in the 16 KiB urllib3 would choose 290-410 ms; 1 MiB is no faster.
BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | Path,
    *,
    limits: Limits,
    left: Callable[[], float],
) -> Answer:
    """Send a request and read its answer, whatever its status; a Path is streamed and needs a Content-Length.

    `left` tells the seconds until the caller's deadline. Raises AwsError with status 0 when no answer came.
    """
    seconds = _remaining(left)
    origin, target = _split(url)
    try:
        response = _pool(origin).urlopen(
            method,
            # A path, not a URL: urllib3 would resolve the dots in a URL, and a key may hold `..`.
            target,
            body=_blocks(body, left) if isinstance(body, Path) else body or None,
            headers=headers,
            timeout=urllib3.Timeout(
                connect=min(limits.connect_seconds, seconds), read=min(limits.read_seconds, seconds)
            ),
            retries=False,
            redirect=False,
            decode_content=False,
        )
    except (NewConnectionError, ConnectTimeoutError) as error:
        raise AwsError(CONNECT_FAILED, 0, describe(error)) from error
    except HTTPError as error:
        _remaining(left)
        raise AwsError(ANSWER_LOST, 0, describe(error)) from error
    return Answer(response.status, response.headers, response.data)


def _remaining(left: Callable[[], float]) -> float:
    seconds = left()
    if seconds <= 0:
        raise AwsError(DEADLINE_EXCEEDED, 0, "the time for this call is over")
    return seconds


def _blocks(path: Path, left: Callable[[], float]) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            _remaining(left)
            yield block


def _split(url: str) -> tuple[str, str]:
    start = url.find("/", url.index("://") + 3)
    return (url, "/") if start < 0 else (url[:start], url[start:])


@cache
def _pool(origin: str) -> urllib3.HTTPConnectionPool:
    if origin.startswith("https://"):
        return urllib3.connection_from_url(origin, maxsize=POOL_SIZE, ssl_context=tls_context())
    return urllib3.connection_from_url(origin, maxsize=POOL_SIZE)

"""A small client of the HTTP API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import urllib3

HOST = "127.0.0.1"
TIMEOUT = urllib3.Timeout(connect=5, read=60)
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Response:
    """An answer of the API; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


class ApiClient:
    """Sends requests with an API key (none when empty)."""

    def __init__(self, api_url: str, api_key: str = "") -> None:
        self.api_url = api_url.rstrip("/")
        self._key = api_key
        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT, maxsize=8)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET a path of the API."""
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Response:
        """POST JSON (or bytes, sent as they are) to a path of the API."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", path, data=data, headers={"content-type": "application/json", **(headers or {})})

    def request(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request; an absolute URL is taken as it is, without the key."""
        absolute = path.startswith(("http://", "https://"))
        url, host = reachable(path if absolute else self.api_url + path)
        key = {} if absolute or not self._key else {"authorization": f"Bearer {self._key}"}
        answer = self._pool.request(method, url, body=data, headers={**host, **key, **(headers or {})}, redirect=False)
        return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)

    def download(self, url: str, path: Path) -> int:
        """Download a signed link; return the status, and leave no file unless it is 200."""
        url, host = reachable(url)
        answer = self._pool.request("GET", url, headers=host, preload_content=False, redirect=False)
        try:
            if answer.status == HTTPStatus.OK:
                with path.open("wb") as file:
                    for chunk in answer.stream(CHUNK_BYTES):
                        file.write(chunk)
            return answer.status
        finally:
            answer.release_conn()


def reachable(url: str) -> tuple[str, dict[str, str]]:
    """Point a URL below .localhost at this machine (RFC 6761), its name kept as the Host header.

    curl does this by itself; Python asks the resolver, which does not know these names on every machine.
    """
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, {}
    address = f"{HOST}:{parts.port}" if parts.port else HOST
    return parts._replace(netloc=address).geturl(), {"host": parts.netloc}

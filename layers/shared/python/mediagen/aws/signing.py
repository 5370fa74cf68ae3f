"""AWS Signature Version 4: sign a request's headers, or presign its query.

Source of every rule: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC

# Not from typing: its import would cost more than those of hmac and hashlib.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mediagen.aws.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def percent_encode(text: str, *, keep: str = "") -> str:
    """Encode as RFC 3986 asks; only unreserved characters and those in `keep` stay as they are."""
    kept = _UNRESERVED.union(keep.encode())
    return "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in text.encode())


def sign_headers(
    method: str,
    url: str,
    headers: Mapping[str, str],
    payload_sha256: str,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """Return the headers to send, signature included.

    `url` is encoded exactly as it will be sent. All of `headers` are signed; `now` is aware.
    """
    host, path, query = _split(url)
    timestamp = _timestamp(now)
    signed = {**headers, "Host": host, "X-Amz-Date": timestamp}
    if credentials.token:
        signed["X-Amz-Security-Token"] = credentials.token
    if service == "s3":
        signed["X-Amz-Content-SHA256"] = payload_sha256
    lower = {name.lower(): value for name, value in signed.items()}
    request = _canonical_request(method, _canonical_path(path, service), _pairs(query), lower, payload_sha256)
    scope = _scope(timestamp, region, service)
    signed["Authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={';'.join(sorted(lower))}, "
        f"Signature={_signature(request, timestamp, scope, credentials)}"
    )
    return signed


def presign(
    method: str,
    url: str,
    query: Iterable[tuple[str, str]],
    *,
    service: str,
    region: str,
    credentials: Credentials,
    now: datetime,
    expires_seconds: int,
) -> str:
    """Return `url` with `query` and a signature that ends after `expires_seconds`.

    `url` has an encoded path and no query; `query` is plain text. Only the host is signed beside them.
    Without its scheme the result is an authentication token of RDS (`rds-db`) or ElastiCache (`elasticache`).
    """
    host, path, _ = _split(url)
    timestamp = _timestamp(now)
    scope = _scope(timestamp, region, service)
    parameters = [
        *query,
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key}/{scope}"),
        ("X-Amz-Date", timestamp),
        ("X-Amz-Expires", str(expires_seconds)),
        ("X-Amz-SignedHeaders", "host"),
    ]
    if credentials.token:
        parameters.append(("X-Amz-Security-Token", credentials.token))
    pairs = [(percent_encode(name), percent_encode(value)) for name, value in parameters]
    # The body of a presigned S3 request is unknown; every other service expects the hash of an empty body.
    payload = UNSIGNED_PAYLOAD if service == "s3" else EMPTY_SHA256
    request = _canonical_request(method, _canonical_path(path, service), pairs, {"host": host}, payload)
    return f"{url}?{_joined(pairs)}&X-Amz-Signature={_signature(request, timestamp, scope, credentials)}"


def _split(url: str) -> tuple[str, str, str]:
    scheme, _, rest = url.partition("://")
    address, _, query = rest.partition("?")
    host, slash, path = address.partition("/")
    default_port = ":443" if scheme == "https" else ":80"
    return host.lower().removesuffix(default_port), slash + path, query


def _pairs(query: str) -> list[tuple[str, str]]:
    parts = [pair.partition("=") for pair in query.split("&")] if query else []
    return [(name, value) for name, _, value in parts]


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def _canonical_path(path: str, service: str) -> str:
    """Return an S3 path as it is, any other without empty and dot segments and encoded once more."""
    if service == "s3":
        return path
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    last = "/" if path.endswith("/") and segments else ""
    return percent_encode("/" + "/".join(segments) + last, keep="/")


def _canonical_request(
    method: str, path: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str], payload_sha256: str
) -> str:
    names = sorted(headers)
    values = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    return "\n".join((method, path, _joined(sorted(query)), values, ";".join(names), payload_sha256))


def _timestamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _scope(timestamp: str, region: str, service: str) -> str:
    return f"{timestamp[:8]}/{region}/{service}/aws4_request"


def _signature(canonical_request: str, timestamp: str, scope: str, credentials: Credentials) -> str:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    hashed = hashlib.sha256(canonical_request.encode()).hexdigest()
    return hmac.digest(key, f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashed}".encode(), "sha256").hex()

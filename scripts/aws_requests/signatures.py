"""Signature Version 4, computed again for each request as AWS does it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
The emulator compares signatures too. AWS also wants every `x-amz-` header signed, the right region, the clock right
within minutes, and of S3 the hash of the body.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote

from aws_requests.asgi import access_key
from aws_requests.recording import Exchange
from aws_requests.request import Finding, Request
from aws_requests.services import scope_of

RULE = "signature"
SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"
UNSIGNED = "UNSIGNED-PAYLOAD"
LARGEST_SKEW_SECONDS = 300
LONGEST_LINK_SECONDS = 7 * 24 * 3600
# Services with one endpoint for the world, in the partition's first region.
GLOBAL = {"iam": "us-east-1", "route53": "us-east-1", "cloudfront": "us-east-1", "budgets": "us-east-1"}
FIELD = re.compile(r"(SignedHeaders|Signature)=([^,\s]+)")


@dataclass(frozen=True)
class Signed:
    """What a request says about its signature, from its header or its query."""

    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str
    moment: str
    presigned_seconds: int | None = None


def check(request: Request, exchange: Exchange) -> Iterator[Finding]:
    """Find what is wrong with a request's signature."""
    if not exchange.secret:
        yield Finding(RULE, request, f"the access key is unknown (caller: {exchange.caller})", SOURCE)
        return
    signed = _signed(exchange)
    for message in _problems(signed, exchange):
        yield Finding(RULE, request, message, SOURCE)
    if not hmac.compare_digest(_signature(signed, exchange), signed.signature):
        yield Finding(RULE, request, "the signature does not match the request", SOURCE)


def _problems(signed: Signed, exchange: Exchange) -> Iterator[str]:
    names = {name for name, _ in exchange.headers}
    unsigned = sorted(name for name in names if name.startswith("x-amz-") and name not in signed.headers)
    if unsigned:
        yield f"headers that must be signed are not: {', '.join(unsigned)}"
    if "host" not in signed.headers:
        yield "the host header is not signed"
    if _temporary(exchange) and "x-amz-security-token" not in names and "X-Amz-Security-Token=" not in exchange.query:
        yield "temporary credentials were used without their session token"
    if not signed.moment.startswith(signed.date):
        yield f"the credential scope is of {signed.date}, the request of {signed.moment[:8]}"
    if signed.region != GLOBAL.get(signed.service, signed.region):
        yield f"{signed.service} takes requests signed for {GLOBAL[signed.service]} only, not for {signed.region}"
    yield from _clock(signed, exchange)
    yield from _body(signed, exchange)


def _temporary(exchange: Exchange) -> bool:
    return access_key(exchange.headers, exchange.query).startswith("ASIA")


def is_out_of_time(moment: str, now: datetime) -> bool:
    """Return whether AWS would refuse a request now because of its `x-amz-date`."""
    return abs(now - _time(moment)).total_seconds() > LARGEST_SKEW_SECONDS


def _time(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _clock(signed: Signed, exchange: Exchange) -> Iterator[str]:
    age = exchange.started - _time(signed.moment).timestamp()
    limit = LARGEST_SKEW_SECONDS if signed.presigned_seconds is None else signed.presigned_seconds
    if not -LARGEST_SKEW_SECONDS <= age <= limit:
        yield f"signed {age:.0f} s before it was sent, {limit} s are allowed"
    if (signed.presigned_seconds or 0) > LONGEST_LINK_SECONDS:
        yield f"a link may not live longer than {LONGEST_LINK_SECONDS} s"


def _body(signed: Signed, exchange: Exchange) -> Iterator[str]:
    claimed = exchange.header("x-amz-content-sha256")
    if signed.service == "s3" and signed.presigned_seconds is None and not claimed:
        yield "S3 wants x-amz-content-sha256"
    if re.fullmatch("[0-9a-f]{64}", claimed) and claimed != exchange.body.sha256:
        yield "x-amz-content-sha256 is not the hash of the body"


def _signed(exchange: Exchange) -> Signed:
    query = dict(parse_qsl(exchange.query, keep_blank_values=True))
    header = dict(FIELD.findall(exchange.header("authorization")))
    names = header.get("SignedHeaders") or query["X-Amz-SignedHeaders"]
    expires = None if header else int(query["X-Amz-Expires"])
    moment = exchange.header("x-amz-date") or query.get("X-Amz-Date", "")
    signature = header.get("Signature") or query["X-Amz-Signature"]
    return Signed(*scope_of(exchange), tuple(names.split(";")), signature, moment, expires)


def _signature(signed: Signed, exchange: Exchange) -> str:
    canonical = hashlib.sha256(_canonical(signed, exchange).encode()).hexdigest()
    scope = f"{signed.date}/{signed.region}/{signed.service}/aws4_request"
    key = f"AWS4{exchange.secret}".encode()
    for part in (signed.date, signed.region, signed.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{signed.moment}\n{scope}\n{canonical}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(signed: Signed, exchange: Exchange) -> str:
    lines = [f"{name}:{' '.join(exchange.header(name).split())}" for name in signed.headers]
    presigned = signed.presigned_seconds is not None and signed.service == "s3"
    body = exchange.header("x-amz-content-sha256") or (UNSIGNED if presigned else exchange.body.sha256)
    parts = [
        exchange.method,
        _path(signed, exchange),
        _query(exchange.query),
        *lines,
        "",
        ";".join(signed.headers),
        body,
    ]
    return "\n".join(parts)


def _path(signed: Signed, exchange: Exchange) -> str:
    # S3 encodes a path once, the others encode it again.
    once = quote(unquote(exchange.path), safe="/-_.~")
    return once if signed.service == "s3" else quote(exchange.path, safe="/-_.~")


def _query(query: str) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs)

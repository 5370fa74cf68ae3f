"""Signed calls to AWS, with bounded retries of calls that are safe to repeat."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediagen.aws.errors import AwsError, from_json, from_xml
from mediagen.aws.limits import INTERACTIVE, Limits
from mediagen.aws.settings import Aws
from mediagen.aws.signing import sign_headers

if TYPE_CHECKING:
    from mediagen.aws.transport import Answer

# The first pause is up to 50 ms, as in the SDKs for DynamoDB; no pause is longer than a second.
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
# Service: JSON protocol version and prefix of the X-Amz-Target header.
_PROTOCOLS = {
    "dynamodb": ("1.0", "DynamoDB_20120810"),
    "secretsmanager": ("1.1", "secretsmanager"),
    "sqs": ("1.0", "AmazonSQS"),
    "ssm": ("1.1", "AmazonSSM"),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be signed. `url` is encoded as it will be sent."""

    service: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | Path
    payload_sha256: str
    safe_to_repeat: bool = True


def call(
    aws: Aws,
    service: str,
    operation: str,
    payload: Mapping[str, object],
    *,
    limits: Limits = INTERACTIVE,
    safe_to_repeat: bool = True,
) -> dict[str, Any]:
    """Call an operation of a JSON service and return its answer. Raises AwsError.

    A call that is not `safe_to_repeat` is retried only if it certainly had no effect.
    """
    version, target = _PROTOCOLS[service]
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": f"{target}.{operation}"}
    digest = hashlib.sha256(body).hexdigest()
    request = Request(service, "POST", aws.endpoint(service) + "/", headers, body, digest, safe_to_repeat)
    answer: dict[str, Any] = json.loads(send(aws, request, limits).body or b"{}")
    return answer


def send(aws: Aws, request: Request, limits: Limits) -> "Answer":
    """Send a request until it is answered with 2xx or the limits are reached. Raises AwsError."""
    ends = aws.monotonic() + limits.deadline_seconds

    def left() -> float:
        return ends - aws.monotonic()

    for attempt in count(1):
        try:
            return _send_once(aws, request, limits, left)
        except AwsError as error:
            pause = pause_before(attempt, aws)
            is_last = attempt >= limits.attempts and not (error.is_throttled and limits.outlasts_throttling)
            if is_last or not _may_repeat(request, error) or pause >= left():
                raise
        aws.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def pause_before(attempt: int, aws: Aws) -> float:
    """Return the seconds to wait after an attempt: random between 0 and an exponential bound."""
    bound: float = FIRST_PAUSE_SECONDS * 2 ** min(attempt - 1, 10)
    return aws.jitter() * min(LONGEST_PAUSE_SECONDS, bound)


def _may_repeat(request: Request, error: AwsError) -> bool:
    return error.may_pass and (request.safe_to_repeat or error.surely_not_done)


def _send_once(aws: Aws, request: Request, limits: Limits, left: Callable[[], float]) -> "Answer":
    from mediagen.aws import transport  # imports urllib3, which a warm cache never needs

    headers = sign_headers(
        request.method,
        request.url,
        request.headers,
        request.payload_sha256,
        service=request.service,
        region=aws.region,
        credentials=aws.credentials(),
        now=aws.now(),
    )
    answer = transport.exchange(request.method, request.url, headers, request.body, limits=limits, left=left)
    if 200 <= answer.status < 300:
        return answer
    raise (from_xml if request.service == "s3" else from_json)(answer.status, answer.body)

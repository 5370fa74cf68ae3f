"""What can go wrong with one step, in the words of the library that would tell of it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import urllib3
from pg8000.exceptions import DatabaseError, InterfaceError
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError

from mediagen.media.errors import FfmpegFailed


class Fault(StrEnum):
    """One way for a step to fail. Those that are no accident of a moment last until somebody stops them."""

    ERROR = "error before the effect"
    LOST = "effect done, answer lost"
    HANG = "hangs, and is done once nobody waits"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    THROTTLED = "throttled"
    TWICE = "done twice"
    LATE = "arrives when all is over"
    STALE = "answers with what was before"


class Killed(BaseException):
    """The process has ended: nothing in it catches this, and nothing else it does has an effect."""


@dataclass(frozen=True)
class Protocol:
    """How a kind of server fails. `refuse` raises or answers; `outdate` makes an answer one of before."""

    error: Callable[[], BaseException]
    lost: Callable[[], BaseException]
    silent: Callable[[], BaseException]
    refuse: Callable[[str], Any] | None = None
    outdate: Callable[[str, Any], Any] | None = None
    may_repeat: Callable[[str], bool] = lambda step: True
    may_be_late: Callable[[str], bool] = lambda step: False

    def faults(self, step: str) -> list[Fault]:
        """List what can happen to a step of this kind."""
        found = [Fault.ERROR, Fault.LOST, Fault.HANG, Fault.KILLED_BEFORE, Fault.KILLED_AFTER]
        found += [Fault.THROTTLED] if self.refuse else []
        found += [Fault.TWICE] if self.may_repeat(step) else []
        found += [Fault.LATE] if self.may_be_late(step) else []
        return found + ([Fault.STALE] if self.outdate and self.outdate(step, None) is not ... else [])


def _raise(make: Callable[[], BaseException]) -> Callable[[str], Any]:
    def refuse(_step: str) -> Any:
        raise make()

    return refuse


def _answer(status: int, document: Mapping[str, Any]) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(json.dumps(document).encode(), {"Content-Type": "application/json"}, status=status)


def _aws_throttles(step: str) -> urllib3.HTTPResponse:
    if step.startswith("s3"):
        return urllib3.HTTPResponse(b"<Error><Code>SlowDown</Code></Error>", status=503)
    return _answer(400, {"__type": "com.amazonaws#ThrottlingException", "message": "Rate exceeded"})


def aws_finds_expired(step: str) -> urllib3.HTTPResponse:
    """Answer what AWS answers to a request whose signature is too old."""
    if step.startswith("s3"):
        return urllib3.HTTPResponse(b"<Error><Code>RequestTimeTooSkewed</Code></Error>", status=403)
    return _answer(
        400, {"__type": "com.amazon.coral.service#InvalidSignatureException", "message": "Signature expired"}
    )


def _aws_before(step: str, _answered: Any) -> Any:
    """DynamoDB as if nothing had been written yet; the others have no older picture."""
    if step == "dynamodb GetItem":
        return _answer(200, {})
    if step == "dynamodb BatchGetItem":
        return _answer(200, {"Responses": {}, "UnprocessedKeys": {}})
    return ...


def _replicate_before(step: str, answered: Any) -> Any:
    """A prediction that still runs, whatever has become of it."""
    if step != "replicate get":
        return ...
    if answered is None:
        return None
    document = json.loads(answered.data) | {"status": "processing", "output": None, "completed_at": None}
    return _answer(answered.status, document)


def _redis_before(step: str, answered: Any) -> Any:
    if step.startswith("redis MGET"):
        return [None] * len(answered or ())
    return None if step.startswith(("redis GET", "redis EXISTS")) else ...


def is_read(step: str) -> bool:
    """Tell whether a step changes nothing."""
    return re.search(r" (connect|GET|Get\w+|BatchGet\w+|EXISTS|MGET|list|get|model)\b", step) is not None


_POOL: Any = urllib3.HTTPConnectionPool("127.0.0.1", 9)
_REFUSED = (lambda: NewConnectionError(_POOL, "connection refused"), lambda: ProtocolError("connection aborted"))

AWS = Protocol(
    *_REFUSED,
    lambda: ReadTimeoutError(_POOL, "/", "read timed out"),
    _aws_throttles,
    _aws_before,
    may_be_late=lambda step: step.startswith(("sqs", "dynamodb Put")),
)
REPLICATE = Protocol(
    *_REFUSED,
    lambda: ReadTimeoutError(_POOL, "/", "read timed out"),
    lambda step: _answer(429, {"detail": "Request was throttled.", "status": 429, "retry_after": 5}),
    _replicate_before,
    may_repeat=lambda step: step != "replicate create",  # nobody but ourselves sends a POST twice
)
POSTGRES = Protocol(
    lambda: InterfaceError("network error"),
    lambda: InterfaceError("network error"),
    lambda: TimeoutError("timed out"),
    _raise(lambda: DatabaseError({"S": "FATAL", "C": "53300", "M": "too many connections"})),
)
REDIS = Protocol(
    lambda: RedisConnectionError("connection refused"),
    lambda: RedisConnectionError("connection reset"),
    lambda: RedisTimeoutError("timed out"),
    _raise(lambda: BusyLoadingError("Redis is loading the dataset in memory")),
    _redis_before,
)
OUTGOING = Protocol(
    lambda: ConnectionRefusedError("refused"),
    lambda: ConnectionResetError("reset"),
    lambda: TimeoutError("the time for this request is over"),
)
PROGRAM = Protocol(
    lambda: OSError("cannot run"),
    lambda: FfmpegFailed("killed", "signal 9"),
    lambda: FfmpegFailed("timeout", "the time limit was reached"),
)
PROTOCOLS = {
    "postgres": POSTGRES,
    "redis": REDIS,
    "replicate": REPLICATE,
    "outgoing": OUTGOING,
    "ffmpeg": PROGRAM,
}


def protocol_of(step: str) -> Protocol:
    """Tell how the server of a step fails; all others are AWS."""
    return PROTOCOLS.get(step.partition(" ")[0], AWS)


def faults_of(step: str) -> list[Fault]:
    """List what can happen to a step; what only reads cannot be done late."""
    hidden = {Fault.TWICE, Fault.LATE} if is_read(step) else set()
    return [fault for fault in protocol_of(step).faults(step) if fault not in hidden]

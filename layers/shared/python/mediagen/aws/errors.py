"""Errors of calls to AWS."""

import json
import re

from mediagen.errors.text import SafeMessage

_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_NOT_FOUND = {
    "NoSuchBucket",
    "NoSuchKey",
    "ParameterNotFound",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
}
# Codes of calls without an answer; their status is 0.
CONNECT_FAILED = "ConnectFailed"
ANSWER_LOST = "AnswerLost"
DEADLINE_EXCEEDED = "DeadlineExceeded"
_CONDITION_FAILED = {"ConditionalCheckFailedException", "PreconditionFailed"}
# Sent with a 4xx status although a retry may succeed.
_PASSING = {"ConditionalRequestConflict", "RequestTimeout", "RequestTimeoutException"}


class AwsError(SafeMessage, Exception):
    """A refused or unanswered call. `status` is 0 if there was no answer; `message` is then our own.

    Its text has AWS's message only if that names a missing permission: other messages quote values.
    """

    def __init__(self, code: str, status: int, message: str) -> None:
        is_safe = status == 0 or "AccessDenied" in code
        super().__init__(f"{code} ({status}): {message}" if is_safe else f"{code} ({status})")
        self.code = code
        self.status = status
        self.message = message

    @property
    def is_conditional_check_failed(self) -> bool:
        """Return whether the condition of a write refused it."""
        return self.code in _CONDITION_FAILED

    @property
    def is_throttled(self) -> bool:
        """Tell whether AWS asked for fewer calls."""
        return self.code in _THROTTLED or self.status == 429

    @property
    def is_not_found(self) -> bool:
        """Tell whether what was named is not there."""
        return self.code in _NOT_FOUND or self.status == 404

    @property
    def surely_not_done(self) -> bool:
        """Tell whether the call certainly had no effect, so that even an unsafe one may be sent again."""
        return self.is_throttled or self.code == CONNECT_FAILED

    @property
    def is_no_answer(self) -> bool:
        """Tell whether nothing was said about what was asked: it was throttled, or nobody answered in time."""
        return self.code == DEADLINE_EXCEEDED or self.may_pass

    @property
    def may_pass(self) -> bool:
        """Tell whether the same call may succeed in a moment."""
        if self.code == DEADLINE_EXCEEDED:
            return False
        return self.is_throttled or self.status == 0 or self.status >= 500 or self.code in _PASSING


def from_json(status: int, body: bytes) -> AwsError:
    """Read the error of a JSON protocol; `__type` is `namespace#Code` or `Code:URL`."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return AwsError(f"Http{status}", status, "the answer is not a JSON object")
    code = str(answer.get("__type", f"Http{status}")).rpartition("#")[2].partition(":")[0]
    return AwsError(code, status, str(answer.get("message") or answer.get("Message") or ""))


def from_xml(status: int, body: bytes) -> AwsError:
    """Read the error of S3; a proxy's or a HEAD's answer has none and gives `Http<status>`."""
    text = body.decode(errors="replace")
    return AwsError(_element("Code", text) or f"Http{status}", status, _element("Message", text))


def _element(name: str, text: str) -> str:
    from html import unescape  # brings a table of 2231 names, for S3's errors only

    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return unescape(found[1]) if found else ""

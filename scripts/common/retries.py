"""Requests to the API with bounded retries, only where a repetition is safe."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from common.api import ApiClient, Response

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 1.0  # without Retry-After; doubled after each attempt
# A longer Retry-After becomes an error instead, because an hourly limit may reset only in half an hour.
LONGEST_PAUSE_SECONDS = 60.0
NOT_PROCESSED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
SUCCESS = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class CallFailed(Exception):
    """A call failed; `problem` is the API's problem document, empty if there is none."""

    def __init__(self, message: str, answer: Response | None = None, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.answer = answer
        self.problem = _problem(answer)
        self.retryable = retryable


class Refused(CallFailed):
    """The API refused the request (4xx)."""

    def __init__(self, answer: Response) -> None:
        super().__init__(describe(answer), answer, retryable=answer.status == HTTPStatus.TOO_MANY_REQUESTS)
        self.status = answer.status


class Unavailable(CallFailed):
    """The API is unreachable or fails (5xx)."""


@dataclass(frozen=True)
class Caller:
    """Calls the API; `notice` receives the reason of each retry."""

    client: ApiClient
    sleep: Callable[[float], object] = time.sleep
    notice: Callable[[str], object] = lambda _text: None
    attempts: int = ATTEMPTS

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, *, patience: float = ATTEMPTS * LONGEST_PAUSE_SECONDS
    ) -> Response:
        """GET a path. Raises Refused, Unavailable."""
        return self.send("GET", path, headers=headers, patience=patience)

    def post(self, path: str, body: Any, *, key: str = "", repeatable: bool = False) -> Response:
        """POST JSON, or nothing if `body` is None. With a key, or if `repeatable`, retry when the answer is lost."""
        headers = {"idempotency-key": key} if key else {}
        headers |= {} if body is None else {"content-type": "application/json"}
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        return self.send("POST", path, data=data, headers=headers, repeatable=repeatable or bool(key))

    def send(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        patience: float = ATTEMPTS * LONGEST_PAUSE_SECONDS,
    ) -> Response:
        """Send a request until it is answered; one that is not `repeatable` is sent again only if it was not processed.

        No pause is longer than LONGEST_PAUSE_SECONDS; all pauses together take at most `patience` seconds.
        Raises Refused, Unavailable.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(method, path, data, headers)
            except CallFailed as failed:
                pause = pause_after(failed, attempt)
                safe = repeatable or was_not_processed(failed)
                short_enough = pause <= min(patience, LONGEST_PAUSE_SECONDS)
                if attempt == self.attempts or not (failed.retryable and safe and short_enough):
                    raise
                patience -= pause
                self.notice(f"{failed}; retrying in {pause:.0f} s")
                self.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str] | None) -> Response:
        try:
            answer = self.client.request(method, path, data=data, headers=headers)
        except HTTPError as error:
            # A retry does not change a certificate.
            again = not isinstance(error, SSLError)
            where = self.client.api_url
            raise Unavailable(f"cannot reach {where}: {_reason(error)}", retryable=again) from error
        if answer.status in SUCCESS:
            return answer
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Refused(answer)
        again = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise Unavailable(describe(answer), answer, retryable=again)


def document(answer: Response, *needed: str) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises Unavailable if something else answered at this address."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= set(needed):
        raise Unavailable("the answer does not come from this API: check its address", answer)
    return found


def was_not_processed(failed: CallFailed) -> bool:
    """Return whether the API certainly did nothing: it never received the request, or answered 429 or 503."""
    if failed.answer is not None:
        return failed.answer.status in NOT_PROCESSED
    return isinstance(failed.__cause__, NewConnectionError | ConnectTimeoutError)


def pause_after(failed: CallFailed, attempt: int) -> float:
    """Return the pause in seconds: `Retry-After`, else exponential with jitter."""
    asked = retry_after(failed.answer)
    jitter = random.uniform(0.5, 1)  # nosec B311 # spreads attempts, protects nothing
    return FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * jitter if asked is None else asked


def retry_after(answer: Response | None) -> float | None:
    """Return `Retry-After` in seconds."""
    text = answer.headers.get("retry-after", "") if answer else ""
    return float(text) if text.isascii() and text.isdecimal() else None


def describe(answer: Response) -> str:
    """Describe an answer on one line, for example `422 invalid_fields: …`."""
    problem = _problem(answer)
    if "detail" not in problem:
        return f"{answer.status}: {answer.body.decode(errors='replace')[:500]}"
    wrong = [f"{error.get('path')}: {error.get('message')}" for error in problem.get("errors", ())]
    return f"{answer.status} {problem.get('code', '')}: {problem['detail']}{''.join(f' ({each})' for each in wrong)}"


def _problem(answer: Response | None) -> dict[str, Any]:
    try:
        found = answer.json() if answer else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _reason(error: HTTPError) -> str:
    """Describe an error without the name of the connection object."""
    return str(error).rpartition("): ")[2] or type(error).__name__

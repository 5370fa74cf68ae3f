"""Requests to the API that are sent again when that is safe and the API asks for it, within bounds."""

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
FIRST_PAUSE_SECONDS = 1.0  # where the API does not say how long; doubled each time
# Who is asked to wait longer is told so instead: a quota of an hour may be half an hour away.
LONGEST_PAUSE_SECONDS = 60.0
ASKED_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
GOOD = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class CallFailed(Exception):
    """A call came to nothing; `problem` is the API's own document, as far as it sent one."""

    def __init__(self, message: str, answer: Response | None = None, *, worth_repeating: bool = True) -> None:
        super().__init__(message)
        self.answer = answer
        self.problem = _problem(answer)
        self.worth_repeating = worth_repeating


class Refused(CallFailed):
    """The API said no (4xx)."""

    def __init__(self, answer: Response) -> None:
        super().__init__(told(answer), answer, worth_repeating=answer.status == HTTPStatus.TOO_MANY_REQUESTS)
        self.status = answer.status


class Away(CallFailed):
    """The API cannot be reached, or is not itself at present (5xx)."""


@dataclass(frozen=True)
class Caller:
    """Calls the API; `notice` hears why a request is sent again."""

    client: ApiClient
    sleep: Callable[[float], object] = time.sleep
    notice: Callable[[str], object] = lambda _told: None
    attempts: int = ATTEMPTS

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, *, patience: float = ATTEMPTS * LONGEST_PAUSE_SECONDS
    ) -> Response:
        """GET a path. Raises Refused, Away."""
        return self.send("GET", path, headers=headers, patience=patience)

    def post(self, path: str, body: Any, *, key: str = "", repeatable: bool = False) -> Response:
        """POST JSON, or nothing if `body` is None. If `repeatable` or with a key, a lost answer is asked for again."""
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
        """Send a request until it is answered; `repeatable` is what may be done twice. Raises Refused, Away.

        No pause is longer than LONGEST_PAUSE_SECONDS, and all together are not longer than `patience` seconds.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(method, path, data, headers)
            except CallFailed as failed:
                pause = pause_after(failed, attempt)
                safe = repeatable or surely_not_done(failed)
                bearable = pause <= min(patience, LONGEST_PAUSE_SECONDS)
                if attempt == self.attempts or not (failed.worth_repeating and safe and bearable):
                    raise
                patience -= pause
                self.notice(f"{failed}; again in {pause:.0f} s")
                self.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str] | None) -> Response:
        try:
            answer = self.client.request(method, path, data=data, headers=headers)
        except HTTPError as error:
            # What a certificate says does not change by asking again.
            again = not isinstance(error, SSLError)
            where = self.client.api_url
            raise Away(f"{where} cannot be reached: {_reason(error)}", worth_repeating=again) from error
        if answer.status in GOOD:
            return answer
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Refused(answer)
        again = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise Away(told(answer), answer, worth_repeating=again)


def document(answer: Response, *needed: str) -> dict[str, Any]:
    """Read the JSON object of an answer. Raises Away where something else answered in the API's place."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= set(needed):
        raise Away("this is not how the API answers: is the address right?", answer)
    return found


def surely_not_done(failed: CallFailed) -> bool:
    """Tell whether nothing can have come of a request: it never arrived, or was turned away."""
    if failed.answer is not None:
        return failed.answer.status in ASKED_TO_WAIT
    return isinstance(failed.__cause__, NewConnectionError | ConnectTimeoutError)


def pause_after(failed: CallFailed, attempt: int) -> float:
    """Tell how many seconds to wait: as many as the API asks for, else more each time, with jitter."""
    asked = retry_after(failed.answer)
    jitter = random.uniform(0.5, 1)  # nosec B311 # spreads tries, protects nothing
    return FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * jitter if asked is None else asked


def retry_after(answer: Response | None) -> float | None:
    """Read `Retry-After`, in seconds."""
    text = answer.headers.get("retry-after", "") if answer else ""
    return float(text) if text.isascii() and text.isdecimal() else None


def told(answer: Response) -> str:
    """Tell a refusal on one line: `422 invalid_fields: …`, or whatever else was answered."""
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
    """Tell an error without the name of the object it happened to."""
    return str(error).rpartition("): ")[2] or type(error).__name__

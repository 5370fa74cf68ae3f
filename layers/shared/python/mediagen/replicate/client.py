"""Replicate's HTTP API: create, read, list and cancel predictions. The outcome of a create call is a value.

https://replicate.com/docs/reference/http. A create call has no idempotency key, so it is never retried here.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mediagen.aws.errors import AwsError
from mediagen.errors.text import SafeMessage
from mediagen.replicate.create_outcomes import (
    ACCOUNT_PROBLEMS,
    ACCOUNT_RETRY_SECONDS,
    OK,
    NotTaken,
    Outcome,
    Refused,
    Unknown,
    json_object,
    read_outcome,
)
from mediagen.times import iso
from mediagen.tls import tls_context

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

type Prediction = dict[str, Any]

CONNECT_SECONDS = 3.0
READ_SECONDS = 15.0  # with the next line: a version's look-up and the create call fit into the API's 30 s
LOOKUP_SECONDS = 5.0  # also for a cancel, which a client waits for
AT_ONCE = 16  # connections, so parallel requests: 40 a second if each takes 0.4 s
VERSION_MEMORY_SECONDS = 3600  # how long a model's newest version is cached
_HASH = re.compile(r"[0-9a-f]{64}")


class ReplicateUnavailable(SafeMessage, Exception):
    """A read was not answered: no connection, 429, 5xx, or an operator's fault such as a missing token."""

    def __init__(self, reason: str, *, operators_fault: bool = False) -> None:
        super().__init__(reason)
        self.operators_fault = operators_fault


class Replicate:
    """A client for one account. `token` is called for every request, so a rotated token is used at once.

    `before_read` is called before each read and cancel: it may wait, to keep within the account's rate limit.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
        before_read: Callable[[], None] = lambda: None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._clock = clock
        self._before_read = before_read
        self._http: PoolManager | None = None
        self._targets: dict[str, tuple[float, str, str | None]] = {}

    def create(self, version: str, params: Mapping[str, Any], *, webhook: str, deadline_seconds: int) -> Outcome:
        """Start a prediction. `version` is `owner/name`, `owner/name:<64 hex>` or `<64 hex>`."""
        try:
            path, version_id = self._target(version)
        except ReplicateUnavailable as error:
            return _not_taken(error)
        except LookupError:
            return Refused("model_unavailable")
        body = {"input": dict(params), "webhook": webhook, "webhook_events_filter": ["completed"]}
        if version_id:
            body["version"] = version_id
        return self._post(path, body, {"Cancel-After": f"{max(deadline_seconds, 5)}s"})

    def account(self) -> dict[str, Any] | None:
        """Return the account of the token, which shows that Replicate accepts it. Raises ReplicateUnavailable."""
        return self._read("/account", seconds=LOOKUP_SECONDS)

    def get(self, prediction_id: str) -> Prediction | None:
        """Return a prediction, None if the id does not exist. Raises ReplicateUnavailable."""
        found = self._read(f"/predictions/{prediction_id}")
        return None if found is None else _prediction(found)

    def cancel(self, prediction_id: str) -> Prediction | None:
        """Cancel a prediction and return its state then; a finished one stays unchanged.

        Returns None if the id does not exist. Raises ReplicateUnavailable.
        """
        found = self._read(f"/predictions/{prediction_id}/cancel", method="POST", seconds=LOOKUP_SECONDS)
        return None if found is None else _prediction(found)

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        """List the account's predictions since a time, newest first. Raises ReplicateUnavailable.

        A malformed item raises only after all others were yielded, so it hides none of them.
        """
        before = {"created_before": iso(until)} if until else {}
        path = "/predictions?" + urlencode({"created_after": iso(moment)} | before)
        malformed: ReplicateUnavailable | None = None
        while path:
            page = self._read(path)
            if (
                page is None or "results" not in page
            ):  # a missing page is not an empty one: absence is concluded from this list
                raise ReplicateUnavailable("a page of the list is missing")
            if not isinstance(page["results"], list):
                raise ReplicateUnavailable("a page of the list has no list")
            for item in page["results"]:
                try:
                    yield _prediction(item)
                except ReplicateUnavailable as error:
                    malformed = error
            path = str(page.get("next") or "").removeprefix(self._base_url)
        if malformed:
            raise malformed

    def _target(self, version: str) -> tuple[str, str | None]:
        """Find the path to post to, and the version to name. Official models have a path of their own."""
        named = version.rpartition(":")[2]
        if _HASH.fullmatch(named):
            return "/predictions", named
        known = self._targets.get(version)
        if known is None or self._clock() - known[0] > VERSION_MEMORY_SECONDS:
            model = self._read(f"/models/{version}", seconds=LOOKUP_SECONDS)
            if model is None or not (model.get("is_official") or model.get("latest_version")):
                raise LookupError(version)
            if model.get("is_official"):
                known = (self._clock(), f"/models/{version}/predictions", None)
            else:
                known = (self._clock(), "/predictions", model["latest_version"]["id"])
            self._targets[version] = known
        return known[1], known[2]

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Outcome:
        from urllib3 import exceptions as failed  # 50 ms, only needed to call Replicate

        try:
            response = self._send("POST", path, json.dumps(body).encode(), headers)
        except ReplicateUnavailable as error:
            return _not_taken(error)
        except (failed.NewConnectionError, failed.ConnectTimeoutError) as error:  # an SSLError may also come later
            return NotTaken(type(error).__name__, retry_after_seconds=10)
        except failed.HTTPError as error:
            return Unknown(type(error).__name__)
        return read_outcome(response.status, response.data)

    def _read(self, path: str, method: str = "GET", seconds: float = READ_SECONDS) -> Prediction | None:
        from urllib3 import exceptions as failed

        self._before_read()
        try:
            response = self._send(method, path, seconds=seconds)
        except failed.HTTPError as error:
            raise ReplicateUnavailable(type(error).__name__) from error
        if response.status == 404:
            return None
        if response.status not in OK:
            account = response.status in ACCOUNT_PROBLEMS
            raise ReplicateUnavailable(f"status {response.status}", operators_fault=account)
        document = json_object(response.data)
        if not document:
            raise ReplicateUnavailable("the answer is not a JSON object")
        return document

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = READ_SECONDS,
    ) -> "BaseHTTPResponse":
        import urllib3

        try:
            common = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        except AwsError as error:
            # Not a missing secret: a brief fault of ours must not pause all submissions for minutes.
            is_gone = not error.is_no_answer
            raise ReplicateUnavailable(f"no token: {error.code}", operators_fault=is_gone) from error
        if self._http is None:
            self._http = urllib3.PoolManager(maxsize=AT_ONCE, retries=False, ssl_context=tls_context())
        # No redirect is followed: the token goes to Replicate's API and nowhere else.
        return self._http.request(
            method,
            self._base_url + path,
            body=body,
            headers=common | dict(headers or {}),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            redirect=False,
        )


def _prediction(document: object) -> Prediction:
    """Check that an answer is a prediction. Raises ReplicateUnavailable: anything else proves nothing about a job."""
    if not isinstance(document, dict) or not all(isinstance(document.get(key), str) for key in ("id", "status")):
        raise ReplicateUnavailable("the answer is not a prediction")
    return document


def _not_taken(error: ReplicateUnavailable) -> NotTaken:
    """Return the outcome of a create call that failed before anything was sent."""
    seconds = ACCOUNT_RETRY_SECONDS if error.operators_fault else 10
    return NotTaken(str(error), seconds, operators_fault=error.operators_fault)

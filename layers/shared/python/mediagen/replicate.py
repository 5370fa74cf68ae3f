"""Replicate's HTTP API: create, read, list and cancel predictions. What a create call came to is a value, not a guess.

https://replicate.com/docs/reference/http. A create call has no idempotency key, so it is never repeated here.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mediagen.times import iso

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

type Prediction = dict[str, Any]

CONNECT_SECONDS = 3.0
READ_SECONDS = 15.0  # half of what the API's own deadline of 30 s leaves
VERSION_MEMORY_SECONDS = 3600  # how long the newest version of a model is taken for the newest
_HASH = re.compile(r"[0-9a-f]{64}")
_OK = {200, 201, 202}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Replicate has the job, and will bill it."""

    prediction: Prediction


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Replicate surely did not take the job; it may be sent again later."""

    reason: str
    retry_after_seconds: int
    operators_fault: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Replicate will never take this job: `code` of our failures, and its `invalid_fields`, if any."""

    code: str
    invalid_fields: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost: Replicate may or may not have the job."""

    reason: str


type Outcome = Accepted | NotTaken | Refused | Unknown


class ReplicateUnavailable(Exception):
    """A read could not be answered: no connection, 429, 5xx, or a refusal of our token."""


class Replicate:
    """A client for one account. `token` is asked for with every call, so that a rotated one is picked up."""

    def __init__(self, base_url: str, token: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._clock = clock
        self._http: PoolManager | None = None
        self._targets: dict[str, tuple[float, str, str | None]] = {}

    def create(self, version: str, params: Mapping[str, Any], *, webhook: str, deadline_seconds: int) -> Outcome:
        """Start a prediction. `version` is `owner/name`, `owner/name:<64 hex>` or `<64 hex>`."""
        try:
            path, version_id = self._target(version)
        except ReplicateUnavailable as error:
            return NotTaken(str(error), retry_after_seconds=10)
        except LookupError:
            return Refused("model_unavailable")
        body = {"input": dict(params), "webhook": webhook, "webhook_events_filter": ["completed"]}
        if version_id:
            body["version"] = version_id
        return self._post(path, body, {"Cancel-After": f"{max(deadline_seconds, 5)}s"})

    def get(self, prediction_id: str) -> Prediction | None:
        """Read a prediction; None when there is none of this id. Raises ReplicateUnavailable."""
        return self._read(f"/predictions/{prediction_id}")

    def cancel(self, prediction_id: str) -> None:
        """Ask for the end of a prediction; one that has ended is left alone. Raises ReplicateUnavailable."""
        self._read(f"/predictions/{prediction_id}/cancel", method="POST")

    def created_since(self, moment: datetime) -> Iterator[Prediction]:
        """List the predictions of the account since a moment, newest first. Raises ReplicateUnavailable."""
        page = self._read("/predictions?" + urlencode({"created_after": iso(moment)}))
        while page:
            yield from page["results"]
            following = page.get("next")
            page = self._read(following.removeprefix(self._base_url)) if following else None

    def _target(self, version: str) -> tuple[str, str | None]:
        """Find the path to post to, and the version to name. Official models have a path of their own."""
        named = version.rpartition(":")[2]
        if _HASH.fullmatch(named):
            return "/predictions", named
        known = self._targets.get(version)
        if known is None or self._clock() - known[0] > VERSION_MEMORY_SECONDS:
            model = self._read(f"/models/{version}")
            if model is None or not (model.get("is_official") or model.get("latest_version")):
                raise LookupError(version)
            if model.get("is_official"):
                known = (self._clock(), f"/models/{version}/predictions", None)
            else:
                known = (self._clock(), "/predictions", model["latest_version"]["id"])
            self._targets[version] = known
        return known[1], known[2]

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Outcome:
        from urllib3 import exceptions as failed  # 50 ms, only where Replicate is called

        try:
            response = self._send("POST", path, json.dumps(body).encode(), headers)
        except (failed.NewConnectionError, failed.ConnectTimeoutError, failed.SSLError) as error:
            return NotTaken(type(error).__name__, retry_after_seconds=10)
        except failed.HTTPError as error:
            return Unknown(type(error).__name__)
        return read_outcome(response.status, response.data)

    def _read(self, path: str, method: str = "GET") -> Prediction | None:
        from urllib3 import exceptions as failed

        try:
            response = self._send(method, path)
        except failed.HTTPError as error:
            raise ReplicateUnavailable(type(error).__name__) from error
        if response.status == 404:
            return None
        if response.status not in _OK:
            raise ReplicateUnavailable(f"status {response.status}")
        document: Prediction = json.loads(response.data)
        return document

    def _send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> "BaseHTTPResponse":
        import urllib3

        if self._http is None:
            deadline = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
            self._http = urllib3.PoolManager(timeout=deadline, retries=False)
        common = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        # No redirect is followed: the token goes to Replicate's API and nowhere else.
        return self._http.request(
            method, self._base_url + path, body=body, headers=common | dict(headers or {}), redirect=False
        )


def read_outcome(status: int, body: bytes) -> Outcome:
    """Tell what an answer to a create call means."""
    document = _json_object(body)
    if status in _OK:
        return Accepted(document) if document.get("id") else Unknown("no id in the answer")
    if status == 429:
        return NotTaken("throttled", retry_after_seconds=_seconds(document.get("retry_after"), 5))
    if status in {401, 402, 403}:
        return NotTaken(f"account problem, status {status}", retry_after_seconds=300, operators_fault=True)
    if status == 404:
        return Refused("model_unavailable")
    if status >= 500 or status < 400:  # a redirect of a POST is as unclear as a crash
        return Unknown(f"status {status}")
    if "version" in str(document.get("title", "")).lower():  # "Invalid version or not permitted"
        return Refused("model_unavailable")
    fields = document.get("invalid_fields")
    return Refused("invalid_params", tuple(fields) if isinstance(fields, list) else ())


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _seconds(value: object, otherwise: int) -> int:
    return max(1, int(value)) if isinstance(value, (int, float)) else otherwise

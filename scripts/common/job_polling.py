"""Create a job over HTTP, and follow it with long polls until it is final."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from common.api import Response
from common.retries import Caller, document

FINAL = ("completed", "failed", "canceled")
LONGEST_WAIT_SECONDS = 20  # of one poll: the API's maximum
# Keeps an API that answers each poll at once from being polled in a tight loop.
LEAST_ROUND_SECONDS = 0.5
MOST_BY_TIME = 95  # percent, as the API's own estimate


class WaitTimedOut(Exception):
    """The wait ended before the job was final."""

    def __init__(self, snapshot: "Snapshot") -> None:
        super().__init__(f"the job is still {snapshot.status}")
        self.snapshot = snapshot


@dataclass(frozen=True)
class Snapshot:
    """A job's status document, and the time of our clock when it was read."""

    document: dict[str, Any]
    tag: str
    taken: float

    @property
    def status(self) -> str:
        """The job's status."""
        return str(self.document["status"])

    @property
    def is_final(self) -> bool:
        """Whether the status is final."""
        return self.status in FINAL

    def percent(self, now: float) -> int:
        """Estimate the progress now: the API's figure, extrapolated if the API derived it from time."""
        progress = self.document.get("progress") or {}
        percent = float(progress.get("percent") or 0)
        if progress.get("source") == "time" and self.status == "processing":
            percent += 100 * (now - self.taken) / max(self.document.get("estimatedTime") or 1, 1)
            return int(min(percent, MOST_BY_TIME))
        return 100 if self.is_final else int(percent)


@dataclass(frozen=True)
class Jobs:
    """The routes of jobs; `longest_wait` is how many seconds a poll may take."""

    caller: Caller
    clock: Callable[[], float] = time.monotonic
    longest_wait: int = LONGEST_WAIT_SECONDS

    def start(self, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Create a job; the same key creates no second one. Raises Refused, Unavailable."""
        return document(self.caller.post("/generate-media", body, key=key), "jobId")

    def read(self, job_id: str, *, patience: float = 60.0) -> Snapshot:
        """Read a job's status; retries of a busy API take at most `patience` seconds. Raises Refused, Unavailable."""
        return self._snapshot(self.caller.get(_path(job_id), patience=patience))

    def snapshots(self, job_id: str, *, until: float) -> Iterator[Snapshot]:
        """Yield a job's status now and after each poll until it is final. Raises WaitTimedOut, Refused, Unavailable."""
        snapshot = self.read(job_id, patience=until - self.clock())
        while True:
            yield snapshot
            if snapshot.is_final:
                return
            left = until - self.clock()
            if left <= 0:
                raise WaitTimedOut(snapshot)
            started = self.clock()
            # A poll without a change has no body, so the progress needs another request.
            changed = self._changed(job_id, snapshot.tag, left)
            snapshot = changed or self.read(job_id, patience=left)
            if not snapshot.is_final:
                self.caller.sleep(max(0.0, min(started + LEAST_ROUND_SECONDS, until) - self.clock()))

    def _changed(self, job_id: str, tag: str, left: float) -> Snapshot | None:
        known = {"if-none-match": tag} if tag else {}
        wait = min(int(left), self.longest_wait)
        answer = self.caller.get(f"{_path(job_id)}?wait={wait}", known, patience=left)
        return None if answer.status == HTTPStatus.NOT_MODIFIED else self._snapshot(answer)

    def _snapshot(self, answer: Response) -> Snapshot:
        return Snapshot(document(answer, "status"), answer.headers.get("etag", ""), self.clock())


def _path(job_id: str) -> str:
    return f"/status/{quote(job_id, safe='')}"

"""A job over HTTP: asked for once, and followed to its end with long polls."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from common.api import Response
from common.calling import Caller, document

FINAL = ("completed", "failed", "canceled")
LONGEST_WAIT_SECONDS = 20  # of one poll: what the API holds at most
# An API that answers each poll at once is not asked without end.
LEAST_ROUND_SECONDS = 0.5
MOST_BY_TIME = 95  # percent, as the API's own estimate


class TimeOver(Exception):
    """The job is not over, but the time to wait for it is."""

    def __init__(self, picture: "Picture") -> None:
        super().__init__(f"the job is still {picture.status}")
        self.picture = picture


@dataclass(frozen=True)
class Picture:
    """How a job stood at a moment of our clock."""

    document: dict[str, Any]
    tag: str
    taken: float

    @property
    def status(self) -> str:
        """The job's status."""
        return str(self.document["status"])

    @property
    def ended(self) -> bool:
        """Whether it can still change."""
        return self.status in FINAL

    def percent(self, now: float) -> int:
        """Estimate how far the job is by now: what the API said, gone on with the time where it went by time."""
        progress = self.document.get("progress") or {}
        percent = float(progress.get("percent") or 0)
        if progress.get("source") == "time" and self.status == "processing":
            percent += 100 * (now - self.taken) / max(self.document.get("estimatedTime") or 1, 1)
            return int(min(percent, MOST_BY_TIME))
        return 100 if self.ended else int(percent)


@dataclass(frozen=True)
class Jobs:
    """The routes of jobs; `longest_wait` is how many seconds a poll may take."""

    caller: Caller
    clock: Callable[[], float] = time.monotonic
    longest_wait: int = LONGEST_WAIT_SECONDS

    def start(self, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Ask for media; the same key makes no second job. Raises Refused, Away."""
        return document(self.caller.post("/generate-media", body, key=key), "jobId")

    def look(self, job_id: str, *, patience: float = 60.0) -> Picture:
        """See how a job stands; a busy API is borne with for so many seconds. Raises Refused, Away."""
        return self._picture(self.caller.get(_path(job_id), patience=patience))

    def pictures(self, job_id: str, *, until: float) -> Iterator[Picture]:
        """See a job at once, then after each poll, until it has ended. Raises TimeOver, Refused, Away."""
        picture = self.look(job_id, patience=until - self.clock())
        while True:
            yield picture
            if picture.ended:
                return
            left = until - self.clock()
            if left <= 0:
                raise TimeOver(picture)
            started = self.clock()
            # A poll without news has no body; how far the job is by now takes a look.
            changed = self._changed(job_id, picture.tag, left)
            picture = changed or self.look(job_id, patience=left)
            if not picture.ended:
                self.caller.sleep(max(0.0, min(started + LEAST_ROUND_SECONDS, until) - self.clock()))

    def _changed(self, job_id: str, tag: str, left: float) -> Picture | None:
        known = {"if-none-match": tag} if tag else {}
        wait = min(int(left), self.longest_wait)
        answer = self.caller.get(f"{_path(job_id)}?wait={wait}", known, patience=left)
        return None if answer.status == HTTPStatus.NOT_MODIFIED else self._picture(answer)

    def _picture(self, answer: Response) -> Picture:
        return Picture(document(answer, "status"), answer.headers.get("etag", ""), self.clock())


def _path(job_id: str) -> str:
    return f"/status/{quote(job_id, safe='')}"

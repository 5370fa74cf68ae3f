"""One generation over HTTP, as a client sees it: request, wait, save and check every file."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from common import media
from common.api import ApiClient
from common.downloads import names, save, verify
from common.job_polling import Jobs, WaitTimedOut
from common.media import Media, NotMedia
from common.problems import SetupProblem
from common.progress import Progress, Step
from common.retries import Caller, CallFailed, Refused

POLL_SECONDS = 10.0
# The longest poll, so that `poll` is called and `stopped` is noticed in time.
LOOK_SECONDS = 5
# The media type of each kind of file; an original has that of its job.
FAMILIES = {"thumbnail": "image", "preview": "video", "waveform": "image"}
EXPECTED = {
    "video": {"original", "thumbnail", "preview", "metadata"},
    "image": {"original", "thumbnail", "metadata"},
    "audio": {"original", "waveform", "metadata"},
}


class NotGenerated(SetupProblem):
    """A generation failed; `at` is "unauthorized", "asking", "looking", or the last status seen."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Wish:
    """The request for one generation."""

    media_type: str
    model_id: str
    prompt: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Build the request body."""
        body = {"mediaType": self.media_type, "modelId": self.model_id, "params": dict(self.params)}
        return body | ({"prompt": self.prompt} if self.prompt else {})


@dataclass(frozen=True)
class SavedFile:
    """A file saved from a signed link; `problem` is empty if it passed all checks."""

    path: Path
    kind: str
    size_bytes: int
    media: Media | None
    problem: str


@dataclass(frozen=True)
class Finished:
    """A completed job with its files."""

    job_id: str
    files: list[SavedFile]

    @property
    def original(self) -> Path:
        """The model's own file."""
        return next(file.path for file in self.files if file.kind == "original")


@dataclass(frozen=True)
class Generator:
    """Generates media, each within `patience_seconds`; `poll`, if given, is called every 10 s while waiting."""

    client: ApiClient
    output: Path
    progress: Progress
    patience_seconds: float
    poll: Callable[[], object] | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    def make(self, wish: Wish) -> Finished:
        """Request a generation, wait for it, save and check its files. Raises NotGenerated."""
        with self.progress.step(f"{wish.media_type.capitalize()} by {wish.model_id}") as step:
            job_id = self._ask(wish)
            status = self._follow(job_id, step)
            folder = self.output / f"{wish.media_type}-{job_id[-8:]}"
            folder.mkdir(parents=True, exist_ok=True)
            outputs = status["outputs"]
            files = [
                self._save(output, folder / name, wish.media_type)
                for output, name in zip(outputs, names(outputs), strict=True)
            ]
            step.detail = f"completed, {len(files)} files"
        missing = EXPECTED[wish.media_type] - {file.kind for file in files}
        if missing:
            raise NotGenerated("completed", f"the {wish.media_type} job {job_id} has no {', '.join(sorted(missing))}")
        return Finished(job_id, files)

    def _jobs(self) -> Jobs:
        return Jobs(Caller(self.client, sleep=self.stopped.wait), longest_wait=LOOK_SECONDS)

    def _ask(self, wish: Wish) -> str:
        try:
            return str(self._jobs().start(wish.body(), str(uuid.uuid4()))["jobId"])
        except CallFailed as failed:
            at = "unauthorized" if _is_unauthorized(failed) else "asking"
            raise NotGenerated(at, f"the request for {wish.media_type} {_reason(failed)}") from None

    def _follow(self, job_id: str, step: Step) -> Mapping[str, Any]:
        """Wait until a job is final. Raises NotGenerated unless it is completed."""
        try:
            status = self._wait(job_id, step)
        except WaitTimedOut as timeout:
            at = timeout.snapshot.status
            raise NotGenerated(at, f"job {job_id} is still {at} after {step.seconds:.0f} s") from None
        except CallFailed as failed:
            raise NotGenerated("looking", f"the status of {job_id} {_reason(failed)}") from None
        if status["status"] != "completed":
            raise NotGenerated(status["status"], f"job {job_id} {status['status']}: {status.get('error')}")
        return status

    def _wait(self, job_id: str, step: Step) -> Mapping[str, Any]:
        now = time.monotonic()
        next_poll = now + POLL_SECONDS
        for snapshot in self._jobs().snapshots(job_id, until=now + self.patience_seconds):
            step.detail = snapshot.status
            if snapshot.is_final:
                break
            if self.poll and time.monotonic() > next_poll:
                self.poll()
                next_poll = time.monotonic() + POLL_SECONDS
            if self.stopped.is_set():
                raise NotGenerated(snapshot.status, f"the wait for job {job_id} was stopped")
        return snapshot.document

    def _save(self, output: Mapping[str, Any], path: Path, media_type: str) -> SavedFile:
        problem = save(self.client, output, path)
        if problem:
            return SavedFile(path, output["kind"], 0, None, problem)
        found, problem = check(path, output, media_type)
        return SavedFile(path, output["kind"], path.stat().st_size, found, problem)


def check(path: Path, output: Mapping[str, Any], media_type: str) -> tuple[Media | None, str]:
    """Verify a saved file against its status and decode it; return the media and the problem, if any."""
    if problem := verify(path, output):
        return None, problem
    if output["kind"] == "metadata":
        return None, "" if media.is_metadata(path) else "it is not a JSON object"
    try:
        found = media.probe(path)
    except NotMedia as reason:
        return None, f"it cannot be decoded: {reason}"
    family = FAMILIES.get(output["kind"], media_type)
    return found, "" if found.family == family else f"it is {found.family}, not {family}"


def _is_unauthorized(failed: CallFailed) -> bool:
    return isinstance(failed, Refused) and failed.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def _reason(failed: CallFailed) -> str:
    return f"was answered with {failed}" if failed.answer else f"got no answer: {failed}"

"""One generation over HTTP, as a client would get it: asked for, followed to its end, every file saved and checked."""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from common import media
from common.api import ApiClient, Response
from common.media import Media, NotMedia
from common.problems import SetupProblem
from common.progress import Progress, Step

FINAL = ("completed", "failed", "canceled")
LOOK_SECONDS = 0.5
POLL_SECONDS = 10.0
# What a file of each kind must hold; an original is of its job's media type.
FAMILIES = {"thumbnail": "image", "preview": "video", "waveform": "image"}
EXPECTED = {
    "video": {"original", "thumbnail", "preview", "metadata"},
    "image": {"original", "thumbnail", "metadata"},
    "audio": {"original", "waveform", "metadata"},
}


class NotGenerated(SetupProblem):
    """A generation came to nothing; `at` is "unauthorized", "asking", "looking", or the last status seen."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Wish:
    """What to ask for."""

    media_type: str
    model_id: str
    prompt: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Write the request."""
        body = {"mediaType": self.media_type, "modelId": self.model_id, "params": dict(self.params)}
        return body | ({"prompt": self.prompt} if self.prompt else {})


@dataclass(frozen=True)
class SavedFile:
    """A file saved from a signed link; `problem` is empty if it is what it should be."""

    path: Path
    kind: str
    size_bytes: int
    media: Media | None
    problem: str


@dataclass(frozen=True)
class Finished:
    """A job that ended well, with its files."""

    job_id: str
    files: list[SavedFile]

    @property
    def original(self) -> Path:
        """The file the model made."""
        return next(file.path for file in self.files if file.kind == "original")


@dataclass(frozen=True)
class Generator:
    """Makes things, each within `patience_seconds`; `poll`, if given, is called from time to time while waiting."""

    client: ApiClient
    output: Path
    progress: Progress
    patience_seconds: float
    poll: Callable[[], object] | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    def make(self, wish: Wish) -> Finished:
        """Ask for something, wait for it, save and check its files. Raises NotGenerated."""
        with self.progress.step(f"{wish.media_type.capitalize()} by {wish.model_id}") as step:
            job_id = self._ask(wish)
            status = self._follow(job_id, step)
            folder = self.output / f"{wish.media_type}-{job_id[-8:]}"
            folder.mkdir(parents=True, exist_ok=True)
            files = [self._save(output, folder, wish.media_type) for output in status["outputs"]]
            step.detail = f"completed, {len(files)} files"
        missing = EXPECTED[wish.media_type] - {file.kind for file in files}
        if missing:
            raise NotGenerated("completed", f"the {wish.media_type} job {job_id} has no {', '.join(sorted(missing))}")
        return Finished(job_id, files)

    def _ask(self, wish: Wish) -> str:
        answer = self.client.post("/generate-media", wish.body())
        if answer.status != HTTPStatus.ACCEPTED:
            at = "unauthorized" if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) else "asking"
            raise NotGenerated(at, f"asking for {wish.media_type} was answered with {_told(answer)}")
        return str(answer.json()["jobId"])

    def _follow(self, job_id: str, step: Step) -> dict[str, Any]:
        """Look at a job until it has ended; raise NotGenerated unless it ended well."""
        deadline = time.monotonic() + self.patience_seconds
        next_poll = time.monotonic() + POLL_SECONDS
        while (status := self._status(job_id))["status"] not in FINAL:
            step.detail = at = status["status"]
            if time.monotonic() > deadline:
                raise NotGenerated(at, f"job {job_id} is still {at} after {step.seconds:.0f} s")
            if self.poll and time.monotonic() > next_poll:
                self.poll()
                next_poll = time.monotonic() + POLL_SECONDS
            if self.stopped.wait(LOOK_SECONDS):
                raise NotGenerated(at, f"job {job_id} was not followed to its end")
        step.detail = status["status"]
        if status["status"] != "completed":
            raise NotGenerated(status["status"], f"job {job_id} {status['status']}: {status.get('error')}")
        return status

    def _status(self, job_id: str) -> dict[str, Any]:
        answer = self.client.get(f"/status/{job_id}")
        if answer.status != HTTPStatus.OK:
            raise NotGenerated("looking", f"the status of {job_id} was answered with {_told(answer)}")
        found: dict[str, Any] = answer.json()
        return found

    def _save(self, output: Mapping[str, Any], folder: Path, media_type: str) -> SavedFile:
        path = folder / Path(urlsplit(output["url"]).path).name
        status = self.client.download(output["url"], path)
        if status != HTTPStatus.OK:
            return SavedFile(path, output["kind"], 0, None, f"the link answered {status}")
        found, problem = check(path, output, media_type)
        return SavedFile(path, output["kind"], path.stat().st_size, found, problem)


def check(path: Path, output: Mapping[str, Any], media_type: str) -> tuple[Media | None, str]:
    """Compare a saved file with what the status said of it, and decode it; give what is wrong."""
    if path.stat().st_size != output["bytes"]:
        return None, f"{path.stat().st_size} bytes, not {output['bytes']} as the status says"
    if hashlib.sha256(path.read_bytes()).hexdigest() != output["sha256"]:
        return None, "its SHA-256 is not the one the status gives"
    if output["kind"] == "metadata":
        return None, "" if media.is_metadata(path) else "it is not a JSON object"
    try:
        found = media.probe(path)
    except NotMedia as reason:
        return None, f"it cannot be decoded: {reason}"
    family = FAMILIES.get(output["kind"], media_type)
    return found, "" if found.family == family else f"it is {found.family}, not {family}"


def _told(answer: Response) -> str:
    return f"{answer.status}: {answer.body.decode(errors='replace')}"

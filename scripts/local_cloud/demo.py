"""One image, one audio and one video over HTTP, as a client would get them; every file is checked."""

import hashlib
import shlex
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_cloud import media
from local_cloud.access import Deployer
from local_cloud.api import ApiClient
from local_cloud.media import Media, NotMedia
from local_cloud.problems import SetupProblem
from local_cloud.progress import Progress, Step

FINAL = ("completed", "failed", "canceled")
LOOK_SECONDS = 0.5
POLL_SECONDS = 10.0
# Replicate's own limit for a run is 30 minutes; the simulator takes seconds.
PATIENCE_SECONDS = {"simulator": 180.0, "live": 2000.0}
# What a file of each kind must hold; an original is of its job's media type.
FAMILIES = {"thumbnail": "image", "preview": "video", "waveform": "image"}
EXPECTED = {
    "video": {"original", "thumbnail", "preview", "metadata"},
    "image": {"original", "thumbnail", "metadata"},
    "audio": {"original", "waveform", "metadata"},
}


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


IMAGE = Wish("image", "flux-schnell", "a lighthouse on a cliff at dusk, oil painting", {"aspect_ratio": "16:9"})
AUDIO = Wish("audio", "musicgen", "calm piano with rain in the background", {"duration": 8})


@dataclass(frozen=True)
class Demo:
    """Makes the three; `mode` is "simulator" or "live", where nothing but the poller hears of results."""

    client: ApiClient
    deployer: Deployer
    output: Path
    progress: Progress
    mode: str = "simulator"
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> list[Finished]:
        """Make image and audio side by side, then a video that begins with the image."""
        with ThreadPoolExecutor(2) as pool:
            try:
                image, audio = pool.map(self.make, (IMAGE, AUDIO))
            except BaseException:
                # Without a word the other one would keep an interrupted demo waiting.
                self.stopped.set()
                raise
        frame = media.first_frame(image.original)
        video = self.make(Wish("video", "stability-video", params={"input_image": frame, "motion_bucket_id": 60}))
        return [video, image, audio]

    def make(self, wish: Wish) -> Finished:
        """Ask for something, wait for it, save and check its files."""
        with self.progress.step(f"{wish.media_type.capitalize()} by {wish.model_id}") as step:
            job_id = self._ask(wish)
            status = self._follow(job_id, step)
            folder = self.output / f"{wish.media_type}-{job_id[-8:]}"
            folder.mkdir(parents=True, exist_ok=True)
            files = [self._save(output, folder, wish.media_type) for output in status["outputs"]]
            step.detail = f"completed, {len(files)} files"
        missing = EXPECTED[wish.media_type] - {file.kind for file in files}
        if missing:
            raise SetupProblem(f"the {wish.media_type} job {job_id} has no {', '.join(sorted(missing))}")
        return Finished(job_id, files)

    def _ask(self, wish: Wish) -> str:
        answer = self.client.post("/generate-media", wish.body())
        if answer.status != HTTPStatus.ACCEPTED:
            told = answer.body.decode(errors="replace")
            raise SetupProblem(f"asking for {wish.media_type} was answered with {answer.status}: {told}")
        return str(answer.json()["jobId"])

    def _follow(self, job_id: str, step: Step) -> dict[str, Any]:
        """Look at a job until it has ended; raise SetupProblem unless it ended well."""
        deadline = time.monotonic() + PATIENCE_SECONDS[self.mode]
        next_poll = time.monotonic() + POLL_SECONDS
        while (status := self._status(job_id))["status"] not in FINAL:
            step.detail = status["status"]
            if time.monotonic() > deadline:
                raise SetupProblem(f"job {job_id} is still {status['status']} after {step.seconds:.0f} s")
            if self.mode == "live" and time.monotonic() > next_poll:
                self.deployer.poll()
                next_poll = time.monotonic() + POLL_SECONDS
            if self.stopped.wait(LOOK_SECONDS):
                raise SetupProblem(f"job {job_id} was not followed to its end")
        step.detail = status["status"]
        if status["status"] != "completed":
            raise SetupProblem(f"job {job_id} {status['status']}: {status.get('error')}")
        return status

    def _status(self, job_id: str) -> dict[str, Any]:
        answer = self.client.get(f"/status/{job_id}")
        if answer.status != HTTPStatus.OK:
            told = answer.body.decode(errors="replace")
            raise SetupProblem(f"the status of {job_id} was answered with {answer.status}: {told}")
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


def curl_lines(client: ApiClient, api_key: str, finished: Finished) -> list[str]:
    """Write what a client would type to make an image, ask for its status and download it."""
    outputs = client.get(f"/status/{finished.job_id}").json()["outputs"]
    link = next(output["url"] for output in outputs if output["kind"] == "original")
    authorization = '-H "Authorization: Bearer $VSL_API_KEY"'
    body = '{"mediaType": "image", "modelId": "flux-schnell", "prompt": "a red bicycle"}'
    return [
        f"export VSL_API_KEY={api_key}",
        f"curl {authorization} -H 'Content-Type: application/json' -d '{body}' {client.api_url}/generate-media",
        f"curl {authorization} {client.api_url}/status/{finished.job_id}",
        f"curl -o {finished.original.name} {shlex.quote(link)}",
    ]

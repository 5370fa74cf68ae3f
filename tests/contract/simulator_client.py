"""Plain HTTP calls to the Replicate simulator, for what the official package does not expose."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import urllib3

from common.media import PICTURE
from replicate_simulator.server import RunningSimulator

IMAGE = "black-forest-labs/flux-schnell"
VIDEO = "stability-ai/stable-video-diffusion"
AUDIO = "meta/musicgen"
FILM = "google/veo-3.1"
ENDED = ("succeeded", "failed", "canceled", "aborted")


class SimulatorClient:
    """Calls one simulator with its token, without retries or redirects."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self.simulator = simulator
        self._pool = urllib3.PoolManager()

    def close(self) -> None:
        self._pool.clear()

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Send a request; a path may be a full URL, a body is sent as JSON unless it is bytes."""
        url = path if path.startswith("http") else self.simulator.url + path
        token = {"Authorization": f"Bearer {self.simulator.settings.api_token}"}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self._pool.request(
            method, url, body=data, headers={**token, **(headers or {})}, retries=False, timeout=20
        )

    def stream(self, url: str, timeout: float = 20) -> urllib3.BaseHTTPResponse:
        """Open a file as a stream, without reading its body."""
        return self._pool.request("GET", url, preload_content=False, retries=False, timeout=timeout)

    def json(self, method: str, path: str, body: object = None) -> Any:
        """Return the document of a successful answer."""
        answer = self.call(method, path, body)
        assert answer.status < 300, answer.data
        return answer.json()

    def version_of(self, model: str) -> str:
        """Return the value of `version` for a model: its newest version, unless the model is official."""
        found = self.json("GET", f"/v1/models/{model}")
        return model if found["is_official"] else str(found["latest_version"]["id"])

    def create(self, prompt: str = "a red apple", model: str = IMAGE, **more: Any) -> dict[str, Any]:
        """Create a prediction; `input` extends the prompt, all other arguments go into the body.

        A model without a prompt gets `input` as the fragment of its image's link.
        """
        subject = {"input_image": f"{PICTURE}#{quote(prompt)}"} if model == VIDEO else {"prompt": prompt}
        given = subject | more.pop("input", {})
        body = {"version": self.version_of(model), "input": given} | more
        created = self.json("POST", "/v1/predictions", body)
        assert isinstance(created, dict)
        return created

    def get(self, prediction_id: str) -> dict[str, Any]:
        found = self.json("GET", f"/v1/predictions/{prediction_id}")
        assert isinstance(found, dict)
        return found

    def wait(self, prediction_id: str, *statuses: str, seconds: float = 20) -> dict[str, Any]:
        """Poll until a prediction has one of the statuses (by default: any terminal status)."""
        deadline = time.monotonic() + seconds
        while (found := self.get(prediction_id))["status"] not in (statuses or ENDED):
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        return found

    def finished(self, prompt: str = "a red apple", model: str = IMAGE, **more: Any) -> dict[str, Any]:
        """Create a prediction and wait until it is terminal."""
        return self.wait(self.create(prompt, model, **more)["id"])

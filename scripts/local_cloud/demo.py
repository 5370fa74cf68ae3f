"""Generate one image, one audio and one video over HTTP, as a client does."""

import os
import shlex
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from common import media
from common.api import ApiClient
from common.deployer import Deployer
from common.generation import Finished, Generator, Wish
from common.loopback import is_proxied
from common.progress import Progress

# Replicate's own limit for a run is 30 minutes; the simulator takes seconds.
PATIENCE_SECONDS = {"simulator": 180.0, "live": 2000.0}

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
                # Stop the other generation, which would keep an interrupted demo waiting.
                self.stopped.set()
                raise
        frame = media.first_frame(image.original)
        video = self.make(Wish("video", "stability-video", params={"input_image": frame, "motion_bucket_id": 60}))
        return [video, image, audio]

    def make(self, wish: Wish) -> Finished:
        """Generate one file."""
        poll = self.deployer.poll if self.mode == "live" else None
        patience = PATIENCE_SECONDS[self.mode]
        return Generator(self.client, self.output, self.progress, patience, poll, self.stopped).make(wish)


def vsl_lines(api_url: str, api_key: str) -> list[str]:
    """Return the vsl commands that generate an image."""
    # curl would ask the proxy for 127.0.0.1.
    direct = ["export no_proxy=127.0.0.1"] if is_proxied(os.environ) else []
    return [
        *direct,
        f"export VSL_API_URL={api_url}",
        f"export VSL_API_KEY={api_key}",
        ".venv/bin/vsl generate image --model flux-schnell --prompt 'a red bicycle' --wait --save demo-output",
    ]


def curl_lines(client: ApiClient, finished: Finished) -> list[str]:
    """Return the same with curl: request an image, read the status of a completed one, download it."""
    outputs = client.get(f"/status/{finished.job_id}").json()["outputs"]
    link = next(output["url"] for output in outputs if output["kind"] == "original")
    authorization = '-H "Authorization: Bearer $VSL_API_KEY"'
    body = '{"mediaType": "image", "modelId": "flux-schnell", "prompt": "a red bicycle"}'
    return [
        f"curl {authorization} -H 'Content-Type: application/json' -d '{body}' {client.api_url}/generate-media",
        f"curl {authorization} {client.api_url}/status/{finished.job_id}",
        f"curl -o {finished.original.name} {shlex.quote(link)}",
    ]

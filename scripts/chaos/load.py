"""Steady load: requests at a fixed rate, each by a client that retries with its idempotency key, as vsl does."""

import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from chaos.ledger import Ledger, Listener, Offer
from common.api import ApiClient
from common.media import PICTURE
from common.retries import Caller, CallFailed, document

# At once. Each waits for its answer, so in an outage fewer are offered: for every request that comes while others wait
# the emulator starts a process, and a machine that has just lost its servers would be flooded with them.
CLIENTS = 8
ATTEMPTS = 12
CANCELED_SHARE = 0.05
CALLBACK_SHARE = 0.1
REPEATED_SHARE = 0.2
# What is asked for, and how often of a hundred. Some take longer, so that faults meet them running; of some the answer
# or the webhook is lost at Replicate, as happens there.
KINDS: tuple[tuple[int, dict[str, Any]], ...] = (
    (66, {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a lighthouse"}),
    (16, {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a slow lighthouse [[fault:takes seconds=4]]"}),
    (4, {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a boat [[fault:webhook-missing]]"}),
    (4, {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a bay [[fault:cut-after-accept times=1]]"}),
    (6, {"mediaType": "audio", "modelId": "musicgen", "prompt": "a calm piano", "params": {"duration": 1}}),
    (4, {"mediaType": "video", "modelId": "stability-video", "params": {"input_image": PICTURE}}),
)


@dataclass(frozen=True)
class Wish:
    """A request; whether to repeat it after it is accepted, and whether to cancel its job at once."""

    body: Mapping[str, Any]
    repeated: bool
    canceled: bool


class Load:
    """Sends requests during a block, then waits for their clients."""

    def __init__(
        self, api_url: str, api_key: str, ledger: Ledger, *, rate: float, seed: int, callback_url: str
    ) -> None:
        self._api = (api_url, api_key)
        self._ledger = ledger
        self._rate = rate
        self._random = random.Random(seed)  # nosec B311 # load that a seed repeats
        self._callback_url = callback_url
        self._ended, self._hurried = threading.Event(), threading.Event()
        self._free = threading.Semaphore(CLIENTS)
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._thread = threading.Thread(target=self._offer_all, name="load")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, problem: type[BaseException] | None, *_: object) -> None:
        if problem:
            self._hurried.set()
        self.end()

    def end(self) -> None:
        """Send no more requests, and wait until every client has its answer or has exhausted its retries."""
        self._ended.set()
        self._thread.join()
        self._pool.shutdown()

    def _offer_all(self) -> None:
        number, due = 0, time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            number += 1
            self._free.acquire()
            due = max(due + 1 / self._rate, time.monotonic())  # no burst after an outage
            offering = self._pool.submit(self._offer, f"chaos-{number}", wanted(self._random, self._callback_url))
            offering.add_done_callback(lambda _: self._free.release())

    def _offer(self, key: str, wish: Wish) -> None:
        offer = Offer(key, self._ledger.phase, time.monotonic())
        self._ledger.add(offer)
        with Listener(*self._api, offer) as client, suppress(CallFailed):  # the ledger knows
            caller = Caller(client, self._pause, attempts=ATTEMPTS)
            answer = caller.post("/generate-media", wish.body, key=key)
            offer.accepted_at = time.monotonic()
            offer.job_ids.add(document(answer, "jobId")["jobId"])
            if wish.repeated:  # the key names the same job, whatever the state of the first request
                again = caller.post("/generate-media", wish.body, key=key)
                offer.job_ids.add(document(again, "jobId")["jobId"])
        if wish.canceled and offer.job_ids:
            with ApiClient(*self._api) as client, suppress(CallFailed):
                Caller(client, self._pause).post(f"/jobs/{min(offer.job_ids)}/cancel", {}, repeatable=True)

    def _pause(self, seconds: float) -> None:
        """Wait before a request is sent again, unless the run was interrupted. Raises CallFailed."""
        if self._hurried.wait(seconds):
            raise CallFailed("the run was interrupted")


def wanted(chance: random.Random, callback_url: str) -> Wish:
    """Choose the next request at random."""
    body = dict(chance.choices([kind for _, kind in KINDS], [share for share, _ in KINDS])[0])
    if chance.random() < CALLBACK_SHARE:
        body["callbackUrl"] = callback_url
    return Wish(body, chance.random() < REPEATED_SHARE, chance.random() < CANCELED_SHARE)

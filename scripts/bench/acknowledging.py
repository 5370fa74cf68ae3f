"""Measure how long a webhook's acknowledgement takes, idle and while `process_webhook` is saturated."""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from common.api import ApiClient
from common.problems import SetupProblem
from common.progress import Progress
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment
from replicate_simulator.webhooks import sign

WEBHOOKS = 200
JOBS = 60
# Longer than the measurement: every worker waits for a file, and the rest of the queue waits for a worker.
SLOW_SECONDS = 60
START_SECONDS = 180
FEW_SECONDS = 5.0  # Replicate: "within a few seconds"
WORST_RATIO = 5.0
_NAMES = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


@dataclass(frozen=True)
class Waits:
    """The time of each acknowledgement in milliseconds, and the queue's length after the last one."""

    milliseconds: Sequence[float]
    waiting: int
    in_work: int

    @property
    def p99(self) -> float:
        """Return the 99th percentile."""
        return quantiles(self.milliseconds, n=100)[98]

    def row(self, name: str) -> list[str]:
        """Format the times as a table row."""
        times = (median(self.milliseconds), self.p99, max(self.milliseconds))
        return [name, *(f"{one:.0f} ms" for one in times), str(self.waiting), str(self.in_work)]


HEADINGS = ["acknowledging a webhook", "p50", "p99", "longest", "queued", "in work"]


@dataclass(frozen=True)
class Measured:
    """Times of the same endpoint, idle and saturated."""

    idle: Waits
    saturated: Waits

    @property
    def ratio(self) -> float:
        """Return the saturated median divided by the idle median."""
        return median(self.saturated.milliseconds) / median(self.idle.milliseconds)

    @property
    def is_good(self) -> bool:
        """Return whether acknowledgements are fast enough although results wait."""
        in_time = max(self.saturated.milliseconds) < FEW_SECONDS * 1000
        return in_time and self.ratio < WORST_RATIO and self.saturated.waiting > 0


class Bench:
    """Sends webhooks as Replicate, and requests as a client, to one local cloud."""

    def __init__(self, cloud: LocalCloud, environment: Environment, progress: Progress) -> None:
        self._environment, self._progress = environment, progress
        self._client = ApiClient(environment.api_url, environment.api_key)
        self._sqs = cloud.deployer(environment).aws.client("sqs")

    def measure(self) -> Measured:
        """Measure first idle, then saturated."""
        with self._progress.step("Warm"):
            self._acknowledged(20)
            self._until(lambda: self._queue() == (0, 0), "the queue is empty")
        with self._progress.step("Webhooks while nothing else happens"):
            idle = self._acknowledged(WEBHOOKS)
            self._until(lambda: self._queue() == (0, 0), "the queue is empty")
        with self._progress.step("Results whose files are slow"):
            self._saturate()
        with self._progress.step("Webhooks while every worker waits for a file"):
            saturated = self._acknowledged(WEBHOOKS)
        return Measured(idle, saturated)

    def _acknowledged(self, count: int) -> Waits:
        waits = []
        for _ in range(count):
            path, body, headers = self._webhook()
            began = time.monotonic()
            answer = self._client.post(path, body, headers)
            waits.append((time.monotonic() - began) * 1000)
            if answer.status != 202:
                raise SetupProblem(f"a webhook was answered {answer.status}: {answer.body[:200]!r}")
        return Waits(waits, *self._queue())

    def _webhook(self) -> tuple[str, bytes, dict[str, str]]:
        """Build the webhook of an unknown prediction: it occupies the queue but needs no work."""
        now, number = int(time.time()), uuid.uuid4().hex
        body = json.dumps({"id": number, "status": "failed", "error": "no", "logs": "x" * 2000, "input": {}}).encode()
        signature = sign(self._environment.webhook_secret, number, now, body)
        stamps = {"webhook-id": number, "webhook-timestamp": str(now), "webhook-signature": signature}
        return "/webhook/replicate", body, stamps

    def _saturate(self) -> None:
        params = {"prompt": f"[[fault:output-slow seconds={SLOW_SECONDS}]]"}
        for _ in range(JOBS):
            request = {"mediaType": "image", "modelId": "flux-schnell", "params": params}
            answer = self._client.post("/generate-media", request)
            if answer.status != 202:
                raise SetupProblem(f"a generation was answered {answer.status}: {answer.body[:200]!r}")
        self._until(lambda: self._queue()[0] > 0 < self._queue()[1], "results wait for others")

    def _queue(self) -> tuple[int, int]:
        url = self._environment.outputs["queue_urls"]["webhooks"]
        told: dict[str, Any] = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_NAMES)["Attributes"]
        waiting, in_work = (int(told[name]) for name in _NAMES)
        return waiting, in_work

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        ends = time.monotonic() + START_SECONDS
        while not holds():
            if time.monotonic() > ends:
                raise SetupProblem(f"after {START_SECONDS} s it is still not true that {what}: {self._queue()}")
            time.sleep(0.1)

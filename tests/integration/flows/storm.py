"""Webhooks in great numbers: genuine ones from Replicate, and forged ones."""

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from replicate_simulator.settings import new_webhook_secret
from replicate_simulator.webhooks import sign

AT_ONCE = 8
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TINY = f"data:image/png;base64,{_PIXEL}"
# A prediction's final document, and the job's resulting status.
ENDINGS: list[tuple[dict[str, Any], str]] = [
    ({"status": "failed", "error": "CUDA error"}, "failed"),
    ({"status": "canceled"}, "canceled"),
    ({"status": "aborted"}, "failed"),
    ({"status": "succeeded", "output": None}, "failed"),
]
WITH_A_FILE: tuple[dict[str, Any], str] = ({"status": "succeeded", "output": [TINY]}, "completed")


@dataclass(frozen=True)
class Webhook:
    """One request to the endpoint, before it is signed."""

    job_id: str
    prediction: dict[str, Any]
    secret: str

    def request(self, public_url: str) -> tuple[str, bytes, dict[str, str]]:
        path = f"/webhook/replicate?jobId={self.job_id}"
        body = json.dumps(self.prediction | {"webhook": f"{public_url}{path}", "logs": "", "input": {}}).encode()
        message_id, now = f"msg_{self.prediction['id']}_{self.prediction['status']}", int(time.time())
        signature = sign(self.secret, message_id, now, body)
        stamps = {"webhook-id": message_id, "webhook-timestamp": str(now), "webhook-signature": signature}
        return path, body, stamps | {"Content-Type": "application/json"}


def forged(webhook: Webhook) -> Webhook:
    """Make a webhook of a sender that does not have our secret."""
    told = webhook.prediction | {"status": "succeeded", "output": [TINY]}
    return Webhook(webhook.job_id, told, new_webhook_secret())


def post(webhook: Webhook, public_url: str) -> int:
    parts = urlsplit(public_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        path, body, headers = webhook.request(public_url)
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def post_all(webhooks: Sequence[Webhook], public_url: str) -> list[int]:
    """Post some at a time, in order; return the statuses."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda webhook: post(webhook, public_url), webhooks))

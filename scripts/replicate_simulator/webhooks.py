"""Signs and delivers webhooks: Standard Webhooks, retried only for the event that ends a prediction."""

import base64
import hashlib
import hmac
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from replicate_simulator.predictions import Prediction, new_id
from replicate_simulator.settings import Settings, new_webhook_secret, signing_key

# 1 + 2 + 4 + 8 + 16 parts of the retry time: Replicate's last attempt is about a minute after completion.
_BACKOFF = (1, 2, 4, 8, 16)
_TIMEOUT_SECONDS = 10
_OK = range(200, 300)
_WRONG = "v1," + base64.b64encode(bytes(32)).decode()


@dataclass(frozen=True)
class Message:
    """One event of one prediction, with the id it keeps when it is sent again."""

    prediction: Prediction
    event: str
    id: str
    body: bytes


@dataclass(frozen=True)
class Delivery:
    """One delivery attempt; status is None if there was no answer."""

    id: str
    prediction: str
    event: str
    url: str
    status: int | None
    error: str | None
    at: float


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the `v1,…` signature over id.timestamp.body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode()


def end_id(prediction: Prediction) -> str:
    """Return the id of a prediction's `completed` webhook, the same for every attempt."""
    return f"msg_{prediction.id}"


def retry_pauses(total_seconds: float) -> list[float]:
    """Return the growing pauses between delivery attempts, in seconds."""
    return [total_seconds * parts / sum(_BACKOFF) for parts in _BACKOFF]


class Webhooks:
    """Sends the messages of each prediction in order, and remembers every attempt."""

    def __init__(self, settings: Settings, closing: threading.Event, keep: Callable[[Delivery], object]) -> None:
        self._settings, self._closing, self._keep = settings, closing, keep
        self.deliveries: list[Delivery] = []

    def is_owed(self, prediction: Prediction) -> bool:
        """Return whether the `completed` webhook is pending: no receiver accepted it, and attempts remain."""
        tries = [d.status for d in self.deliveries if d.prediction == prediction.id and d.event == "completed"]
        return (
            prediction.webhook is not None
            and len(tries) <= len(_BACKOFF)
            and not any(status in _OK for status in tries)
        )

    def announce(self, prediction: Prediction, event: str, body: bytes) -> None:
        """Queue an event, if the caller asked for it."""
        webhook, faults = prediction.webhook, prediction.faults
        if webhook is None or "webhook-missing" in faults:
            return
        late_start = event == "start" and "webhook-reordered" in faults
        if webhook.wants(event) or late_start:
            message_id = end_id(prediction) if event == "completed" else f"msg_{new_id()}"
            prediction.outbox.put(Message(prediction, event, message_id, body))

    def deliver_all(self, prediction: Prediction) -> None:
        """Deliver what is queued until None is queued; runs in a thread of its own."""
        held: list[Message] = []
        for message in iter(prediction.outbox.get, None):
            if message.event == "start" and "webhook-reordered" in prediction.faults:
                held.append(message)
            elif message.event == "completed":
                self._deliver_end(message)
                for late in held:
                    self.send(late)
            else:
                self.send(message)

    def _deliver_end(self, message: Message) -> None:
        faults = message.prediction.faults
        if "webhook-delayed" in faults and self._closing.wait(float(faults["webhook-delayed"]["seconds"])):
            return
        self._send_until_accepted(message)
        for _ in range(int(faults.get("webhook-duplicate", {"count": 1})["count"]) - 1):
            self.send(message)

    def _send_until_accepted(self, message: Message) -> None:
        status = self.send(message)
        for pause in retry_pauses(self._settings.webhook_retry_seconds):
            if status in _OK or message.prediction.abandoned or self._closing.wait(pause):
                return
            status = self.send(message)

    def send(self, message: Message, **faults: dict[str, Any]) -> int | None:
        """Make one attempt; return the status, or None without an answer."""
        webhook = message.prediction.webhook
        assert webhook is not None
        headers, body = self._signed(message, {**message.prediction.faults, **faults})
        status, error = _post(webhook.url, headers, body)
        if not message.prediction.abandoned:
            about = (message.id, message.prediction.id, message.event, webhook.url)
            delivery = Delivery(*about, status, error, time.time())
            self._keep(delivery)
            self.deliveries.append(delivery)
        return status

    def _signed(self, message: Message, faults: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        age = faults.get("webhook-stale", {"seconds": 0})["seconds"]
        timestamp = int(time.time() - float(age))
        own = self._settings.secret_of(message.prediction.account)
        secret = new_webhook_secret() if "webhook-forged" in faults else own
        signature = sign(secret, message.id, timestamp, message.body)
        if "webhook-many-signatures" in faults:
            signature = f"v1a,{'0' * 88} {_WRONG} {signature}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "replicate-simulator",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature,
        }
        tampered = "webhook-tampered" in faults
        return headers, message.body.replace(b'"id":"', b'"id":"x', 1) if tampered else message.body

    def listed(self) -> Iterator[dict[str, Any]]:
        return (asdict(delivery) for delivery in list(self.deliveries))


def _post(url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str | None]:
    """POST without following redirects; names under .localhost are this machine (RFC 6761)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(address, parts.port, timeout=_TIMEOUT_SECONDS)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {"Host": parts.netloc.rpartition("@")[2], **headers})
        return connection.getresponse().status, None
    except (OSError, http.client.HTTPException) as problem:
        return None, f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()

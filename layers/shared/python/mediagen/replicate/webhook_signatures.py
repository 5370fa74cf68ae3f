"""Webhook signatures of Replicate: Standard Webhooks, HMAC-SHA256 over `id.timestamp.body`.

https://replicate.com/docs/topics/webhooks/verify-webhook, https://www.standardwebhooks.com
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from mediagen.errors.refusals import InvalidSignature

TOLERANCE_SECONDS = 300
_LONGEST_TIMESTAMP = 12  # digits: epoch seconds have 10; Python refuses to parse thousands of digits


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Check a signature over the raw bytes against each secret, newest first.

    Raises InvalidSignature, and ValueError for an unusable secret of ours, which is not the sender's fault.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not _is_recent(timestamp, now):
        raise InvalidSignature("The webhook is not signed, or was signed too long ago.")
    given = [entry[3:] for entry in headers.get("webhook-signature", "").split() if entry.startswith("v1,")]
    expected = [sign(secret, message_id, timestamp, body) for secret in secrets]
    # No early return: the time taken reveals nothing about the secrets.
    matches = [hmac.compare_digest(ours.encode(), theirs.encode()) for ours in expected for theirs in given]
    if not any(matches):
        raise InvalidSignature("The webhook's signature does not match.")


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Compute the base64 signature. Raises ValueError for a secret that is empty or not base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    if not key:  # an empty secret would let anyone sign
        raise ValueError("a webhook signing secret is empty")
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE_SECONDS

"""Webhooks signed by hand as Replicate signs them."""

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook


def prediction(job_id: str, **values: Any) -> dict[str, Any]:
    """Make a job's terminal prediction."""
    webhook = f"https://api.example.com/webhook/replicate?jobId={job_id}"
    return {"id": f"made-up-{uuid.uuid4().hex[:8]}", "status": "succeeded", "output": None, "webhook": webhook} | values


def signed(secret: str, body: bytes, age_seconds: int = 0) -> dict[str, str]:
    moment = datetime.fromtimestamp(time.time() - age_seconds, UTC)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    timestamp = str(int(moment.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature}

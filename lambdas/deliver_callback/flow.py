"""Deliver a job's callback: the status document, signed, to the client's URL.

A message is only a hint. The row decides whether an attempt is due, and that no other worker makes it.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from deliver_callback.schedule import next_try_at
from deliver_callback.sending import Outcome
from mediagen import log
from mediagen.aws.queue import Queue
from mediagen.degraded import degraded
from mediagen.jobs.job import Job
from mediagen.jobs.view import view
from mediagen.records.callback_secrets import CallbackSecrets, Secret
from mediagen.records.callbacks import CallbackRecords, Claimed, Try
from mediagen.records.jobs import JobRecords
from mediagen.replicate.webhook_signatures import sign

LONGEST_DELAY = timedelta(minutes=15)  # the limit of SQS; the poller sends later attempts


class Sender(Protocol):
    """Sends callbacks."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Make one attempt."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of delivering.

    `share` returns a random number from 0 to 1, `link` signs a link to a key of the bucket.
    """

    records: JobRecords
    callbacks: CallbackRecords
    secrets: CallbackSecrets
    sender: Sender
    queue: Queue
    share: Callable[[], float]
    link: Callable[[str], str]
    link_seconds: int


def deliver_callback(message: Mapping[str, Any], *, clock: Callable[[], datetime], ports: Ports) -> None:
    """Make the attempt that is due for a job, if any."""
    job_id = message["jobId"]
    job = ports.records.find(job_id)
    if job is None:
        ports.callbacks.end(job_id)
        log.event("callback.job_is_gone", subject=log.Subject(job_id=job_id))
        return
    claimed = ports.callbacks.claim(job_id, now=clock())
    if claimed is None:
        log.event("callback.not_due", subject=job.subject)
        return
    started = clock()
    body = json.dumps(view(job.document(), now=started, sign=ports.link, link_seconds=ports.link_seconds)).encode()
    headers = signed(claimed.id, body, ports.secrets.valid(job.user_id, now=started), now=started)
    outcome = ports.sender.send(claimed.url, headers, body)
    settle(job, claimed, outcome, started=started, now=clock(), ports=ports)


def signed(callback_id: str, body: bytes, secrets: Sequence[Secret], *, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with one signature per valid secret."""
    timestamp = str(int(now.timestamp()))
    signatures = [f"v1,{sign(secret.text, callback_id, timestamp, body)}" for secret in secrets]
    return {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "vsl-media-generation",
        "webhook-id": callback_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def settle(job: Job, claimed: Claimed, outcome: Outcome, *, started: datetime, now: datetime, ports: Ports) -> None:
    """Log the attempt and set the time of the next one."""
    is_over = outcome.is_delivered or outcome.is_unwanted
    again = None if is_over else next_try_at(claimed.number, now, ports.share())
    state = "pending" if again else "delivered" if outcome.is_delivered else "failed"
    milliseconds = max(0, int((now - started) / timedelta(milliseconds=1)))
    made = Try(claimed.number, started, milliseconds, outcome.status_code, outcome.error)
    ports.callbacks.settle(claimed.id, made, state=state, next_try_at=again)
    _tell(job, made, state)
    if again and again - now <= LONGEST_DELAY:
        delay = math.ceil((again - now).total_seconds())
        with degraded("callbacks", subject=job.subject):
            ports.queue.send({"jobId": job.id}, delay_seconds=delay)


def _tell(job: Job, made: Try, state: str) -> None:
    metrics = {
        "delivered": [log.Metric("CallbacksDelivered", 1)],
        "failed": [log.Metric("CallbacksFailed", 1)],
    }
    log.event(
        f"callback.{state}",
        subject=job.subject,
        duration_ms=made.duration_ms,
        error=made.error,
        metadata={"try": made.number, "statusCode": made.status_code},
        metrics=metrics.get(state, ()),
    )

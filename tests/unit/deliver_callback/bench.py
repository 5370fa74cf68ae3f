"""The delivery with ports that record their calls, and a clock set by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deliver_callback.flow import Ports, deliver_callback
from deliver_callback.sending import Outcome
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.callback_secrets import CallbackSecrets, Secret
from mediagen.records.callbacks import EARLY, LEASE, CallbackRecords, Claimed, Try
from unit.samples import JOB_ID, NOW, USER_ID, Queue, Records, job

URL = "https://hooks.example.com/vsl"
CALLBACK_ID = "7b0a54ad-5a0f-4b5c-9a55-3c2f4be2f3b1"
SECRET = Secret(bytes(range(32)), NOW, None)


@dataclass
class Outbox(CallbackRecords):
    """One callback, under the rules of the database."""

    state: str = "pending"
    number: int = 0
    next_try_at: datetime | None = NOW
    leased_until: datetime | None = None
    made: list[Try] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def claim(self, job_id: str, *, now: datetime) -> Claimed | None:
        is_due = self.next_try_at is not None and self.next_try_at <= now + EARLY
        if job_id != JOB_ID or not is_due or (self.leased_until and self.leased_until > now):
            return None
        self.number, self.leased_until = self.number + 1, now + LEASE
        return Claimed(CALLBACK_ID, URL, self.number)

    def settle(self, callback_id: str, made: Try, *, state: str, next_try_at: datetime | None) -> None:
        """Record an attempt and its outcome."""
        assert callback_id == CALLBACK_ID
        self.made.append(made)
        if made.number == self.number:
            self.state, self.next_try_at, self.leased_until = state, next_try_at, None

    def end(self, job_id: str) -> None:
        self.state, self.next_try_at, self.leased_until = "failed", None, None
        self.ended.append(job_id)


@dataclass
class Sent:
    """One request that a receiver got."""

    at: datetime
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Bench(CallbackSecrets):
    """A delivery. Each attempt takes a second and has the next of the outcomes; the last one repeats."""

    outcomes: list[Outcome]
    of: Job = field(default_factory=lambda: job(Status.COMPLETED, callback_url=URL))
    secrets: list[Secret] = field(default_factory=lambda: [SECRET])
    outbox: Outbox = field(default_factory=Outbox)
    queue: Queue = field(default_factory=Queue)
    share: float = 0.0
    now: datetime = NOW
    sent: list[Sent] = field(default_factory=list)

    def deliver(self, message: Mapping[str, Any] | None = None) -> None:
        ports = Ports(
            records=Records.of(self.of),
            callbacks=self.outbox,
            secrets=self,
            sender=self,
            queue=self.queue,
            share=lambda: self.share,
            link=lambda key: f"https://bucket/{key}?signature=s",
            link_seconds=900,
        )
        deliver_callback(message or {"jobId": JOB_ID}, clock=lambda: self.now, ports=ports)

    def valid(self, user_id: str, *, now: datetime) -> list[Secret]:
        assert (user_id, now) == (USER_ID, self.now)
        return self.secrets

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        self.sent.append(Sent(self.now, url, headers, body))
        self.now += timedelta(seconds=1)
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]

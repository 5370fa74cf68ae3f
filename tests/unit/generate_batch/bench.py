"""The flow with ports that record their calls."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from generate_batch.flow import Ports, generate_batch
from mediagen.aws.queue import Queue as SqsQueue
from mediagen.cache.cache import Cache
from mediagen.errors.refusals import (
    IdempotencyKeyReused,
    Refusal,
    Unavailable,
)
from mediagen.http.edge import Request, Response
from mediagen.jobs.batches import Batch, Draft, made_of
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.job import Job
from mediagen.lifecycle.accept import Ports as AcceptingPorts
from mediagen.limits.budget import NO_LIMITS, Limits
from mediagen.limits.quota import Quota
from mediagen.records.batches import BatchRecords
from mediagen.records.claims import ClaimRecords
from unit.claims import Claims
from unit.generate_media.bench import BODY, OneModel
from unit.generate_media.bench import Limiter as LimiterOfOne
from unit.health import Health
from unit.samples import NOW, USER_ID, Records, nobody, submission_ports

WRONG = BODY | {"params": {"unknown": 1}}
LIMIT = 5


@dataclass
class Limiter(LimiterOfOne, Cache):
    """Counts many units at a time."""

    def spend_each(self, user_id: str, now: datetime, onces: Sequence[str | None], *, limit: int) -> list[Quota] | None:
        self.onces = list(onces)
        quotas = [self.spend(user_id, now, limit=limit, once=once) for once in onces]
        return [quota for quota in quotas if quota] or None


@dataclass
class Batches(BatchRecords):
    """Batches and their keys."""

    made: dict[str, Batch] = field(default_factory=dict)
    claims: dict[tuple[str, str], tuple[Claim, str]] = field(default_factory=dict)
    is_away: bool = False
    unseen: int = 0  # the first lookups happen before another request's commit
    check_at: datetime = NOW

    def add(
        self,
        batch_id: str,
        user_id: str,
        drafts: Sequence[Draft],
        *,
        check_at: datetime,
        claim: Claim | None = None,
        defaults: Limits = NO_LIMITS,
    ) -> Batch | None:
        """Record a batch, unless its claim belongs to another; refuse jobs with a barred prompt."""
        if self.is_away:
            raise Unavailable("The database cannot be reached.", retry_after_seconds=5)
        barred = Refusal("Not this one.")
        batch = made_of(
            batch_id,
            user_id,
            [barred if isinstance(one, Job) and one.params["prompt"] == "barred" else one for one in drafts],
        )
        if claim and self.claims.setdefault((claim.user_id, claim.key), (claim, batch.id))[1] != batch.id:
            return None
        self.made[batch.id], self.check_at = batch, check_at
        return batch

    def find(self, batch_id: str) -> Batch | None:
        return self.made.get(batch_id)

    def find_batch(self, claim: Claim) -> str | None:
        """Return the batch that a request has created."""
        found = self.claims.get((claim.user_id, claim.key))
        if self.unseen or found is None:
            self.unseen -= 1 if self.unseen else 0
            return None
        if found[0].fingerprint != claim.fingerprint:
            raise IdempotencyKeyReused("Another body.")
        return found[1]


@dataclass
class BatchClaims(ClaimRecords):
    """The keys of batches."""

    batches: Batches

    def find_batch(self, claim: Claim) -> str | None:
        """Return the batch that a request has created."""
        return self.batches.find_batch(claim)


@dataclass
class Queue(SqsQueue):
    """Records the sent messages."""

    sent: list[Mapping[str, Any]] = field(default_factory=list)
    is_away: bool = False

    def send_all(self, messages: Iterable[Mapping[str, Any]]) -> None:
        if self.is_away:
            raise OSError("no route to the queue")
        self.sent += messages


@dataclass
class Bench:
    """The flow with ports that record their calls."""

    limiter: Limiter = field(default_factory=Limiter)
    batches: Batches = field(default_factory=Batches)
    queue: Queue = field(default_factory=Queue)
    catalogue: OneModel = field(default_factory=OneModel)
    health: Health = field(default_factory=Health)

    def ask(self, *requests: object, **more: Any) -> Response:
        return self.send({"requests": requests}, **more)

    def send(
        self, body: object, *, key: str | None = None, user_id: str = USER_ID, rate_per_hour: int | None = None
    ) -> Response:
        headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
        request = Request(headers, {}, {}, json.dumps(body).encode(), user_id, "r", rate_per_hour=rate_per_hour)
        records = Records()
        claims, submission = Claims(records), submission_ports(records, health=self.health)
        one = AcceptingPorts(self.catalogue, self.limiter, LIMIT, records, claims, submission, nobody)
        ports = Ports(one, self.limiter, self.batches, BatchClaims(self.batches), self.queue)
        return generate_batch(request, now=NOW, ports=ports)

    @property
    def batch(self) -> Batch:
        [batch] = self.batches.made.values()
        return batch

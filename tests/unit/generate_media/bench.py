"""The flow with ports that record their calls."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from generate_media.flow import generate_media
from mediagen.access.callers import TokenUser
from mediagen.errors.refusals import UnknownModel
from mediagen.http.edge import Request, Response
from mediagen.lifecycle.accept import Ports
from mediagen.limits.budget import Limits
from mediagen.limits.quota import Quota
from mediagen.models.catalogue import Catalogue, Model
from unit.claims import Claims
from unit.health import Health
from unit.samples import MODEL, NOW, Provider, Queue, Records, submission_ports

DEFAULTS = Limits(5, Decimal(10))
BODY = {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a lighthouse"}


@dataclass
class OneModel(Catalogue):
    """A catalogue with one model."""

    model_id: str = MODEL.model_id
    model: Model = MODEL

    def find(self, _media_type: str, model_id: str) -> Model:
        if model_id != self.model_id:
            raise UnknownModel("Unknown model.")
        return self.model


@dataclass
class Limiter:
    """Counts within one hour, or is down."""

    count: int | None = 0
    asked: list[str] = field(default_factory=list)
    given_back: list[tuple[str, str | None]] = field(default_factory=list)

    def spend(self, user_id: str, now: datetime, *, limit: int, once: str | None = None) -> Quota | None:
        self.asked.append(user_id)
        if self.count is None or self.count >= limit:
            return self._quota(now, limit, is_admitted=False)
        self.count += 1
        return self._quota(now, limit)

    def give_back(self, user_id: str, spent_at: datetime, *, once: str | None = None) -> None:
        assert self.count is not None
        self.count -= 1
        self.given_back.append((user_id, once))

    def look(self, _user_id: str, now: datetime, *, limit: int) -> Quota | None:
        return self._quota(now, limit)

    def _quota(self, now: datetime, limit: int, *, is_admitted: bool = True) -> Quota | None:
        return None if self.count is None else Quota(limit, 0, self.count, now, is_admitted)


@dataclass
class Bench:
    """A flow with ports that record their calls."""

    limiter: Limiter = field(default_factory=Limiter)
    records: Records = field(default_factory=Records)
    provider: Provider = field(default_factory=Provider)
    queue: Queue = field(default_factory=Queue)
    catalogue: OneModel = field(default_factory=OneModel)
    health: Health = field(default_factory=Health)
    unseen: int = 0
    rate_per_hour: int | None = None
    recorded: list[TokenUser] = field(default_factory=list)

    def ask(self, body: dict[str, Any], user_id: str = "user-1", now: datetime = NOW, **headers: str) -> Response:
        given = {"content-type": "application/json"} | {name.replace("_", "-"): headers[name] for name in headers}
        request = Request(given, {}, {}, json.dumps(body).encode(), user_id, "r", self.rate_per_hour)
        return self.send(request, now)

    def send(self, request: Request, now: datetime = NOW) -> Response:
        submission = submission_ports(self.records, self.provider, self.queue, self.health)
        claims = Claims(self.records, self.unseen)
        record = self.recorded.append
        ports = Ports(self.catalogue, self.limiter, 2, self.records, claims, submission, record, DEFAULTS)
        return generate_media(request, now=now, ports=ports)

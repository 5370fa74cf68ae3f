"""The flow with ports that keep what they are given."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from generate_media.flow import Ports, generate_media
from mediagen.catalogue import Model
from mediagen.edge import Request, Response
from mediagen.refusals import UnknownModel
from unit.samples import MODEL, NOW, Claims, Provider, Queue, Records, submission_ports

BODY = {"mediaType": "image", "modelId": "flux-schnell", "prompt": "a lighthouse"}


@dataclass
class OneModel:
    """A catalogue with one model."""

    model_id: str = MODEL.model_id

    def find(self, _media_type: str, model_id: str) -> Model:
        """Return it."""
        if model_id != self.model_id:
            raise UnknownModel("Unknown model.")
        return MODEL


@dataclass
class Limiter:
    """Counts, or cannot."""

    count: int | None = 0
    asked: list[str] = field(default_factory=list)

    def spend(self, user_id: str, _now: datetime) -> int | None:
        """Count one."""
        self.asked.append(user_id)
        self.count = None if self.count is None else self.count + 1
        return self.count


@dataclass
class Bench:
    """A flow with ports that keep what they are given."""

    limiter: Limiter = field(default_factory=Limiter)
    records: Records = field(default_factory=Records)
    provider: Provider = field(default_factory=Provider)
    queue: Queue = field(default_factory=Queue)
    catalogue: OneModel = field(default_factory=OneModel)
    unseen: int = 0

    def ask(self, body: dict[str, Any], user_id: str = "user-1", now: datetime = NOW, **headers: str) -> Response:
        """Send a request."""
        given = {"content-type": "application/json"} | {name.replace("_", "-"): headers[name] for name in headers}
        request = Request(given, {}, {}, json.dumps(body).encode(), user_id, "r")
        submission = submission_ports(self.records, self.provider, self.queue)
        claims = Claims(self.records, self.unseen)
        ports = Ports(self.catalogue, self.limiter, 2, self.records, claims, submission)
        return generate_media(request, now=now, ports=ports)

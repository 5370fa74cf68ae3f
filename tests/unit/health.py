"""A fake of the models' circuit breakers, without Redis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mediagen.errors.refusals import ModelUnavailable
from mediagen.jobs.circuit_breaker import Availability
from mediagen.jobs.job import Job
from mediagen.models.catalogue import Model
from mediagen.models.health import ModelHealth


@dataclass
class Health(ModelHealth):
    """Models with a closed circuit, unless set otherwise; records all outcomes."""

    is_probe: bool = False
    refused_for: int | None = None
    heard: list[tuple[str, str]] = field(default_factory=list)

    def admit(self, job: Job, *, now: datetime) -> bool:
        assert job.created_at <= now
        if self.refused_for:
            raise ModelUnavailable("The model is not available.", retry_after_seconds=self.refused_for)
        return self.is_probe

    def look(self, models: Sequence[Job | Model], *, now: datetime) -> list[Availability]:
        stand = Availability("unavailable", self.refused_for) if self.refused_for else Availability("available")
        return [Availability("probing", 0) if self.is_probe else stand for _ in models]

    def unsent(self, job: Job, *, now: datetime) -> None:
        """Record that a create call had no effect."""
        assert job.created_at <= now
        self.heard.append(("unsent", job.id))

    def taken(self, job: Job) -> None:
        self.heard.append(("taken", job.id))

    def released(self, job: Job) -> None:
        self.heard.append(("released", job.id))

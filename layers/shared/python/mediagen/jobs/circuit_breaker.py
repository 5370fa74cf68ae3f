"""A model's circuit breaker, as rules. What counts against a model is the provider's fault and no single user's.

Closed: what fails is noted; the fifth failure without a success in between opens it. Open: nobody is let through for
half a minute, then one request is, as a probe. Its end decides: a success closes, a failure opens for twice as long.
Why what counts: docs/decisions/0021-circuit-breaker-per-model.md
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from math import ceil
from typing import Any

from mediagen.jobs.job import Job
from mediagen.jobs.state import Status

THRESHOLD = 5
QUIET_SECONDS = 30 * 60  # failures further apart are not in a row
FIRST_SECONDS = 30
LONGEST_SECONDS = 10 * 60
KEPT_SECONDS = 60 * 60  # an open model that nobody asks for is forgotten, and so available again
LONGEST_PROBE_SECONDS = 15 * 60
LOOK_SECONDS = 30  # when to ask again while a probe runs: it may end long before its time is over
OUTAGE = 5  # openings in a row: the model has been away for seven minutes at least
FAIR_SECONDS = 10 * 60  # a cold start takes minutes; a deadline closer than this says nothing about the model

_CERTAIN = {"model_unavailable"}  # Replicate says so, whatever was asked
_LIKELY = {"generation_failed", "no_output", "deadline_exceeded"}  # may be due to what one user asks for
_SENDING = "send:"


@dataclass(frozen=True, slots=True)
class Availability:
    """What a client is told: `available`, `unavailable`, or `probing`: one request at a time is let through."""

    status: str
    retry_after_seconds: int | None = None

    def document(self) -> dict[str, object]:
        """Write it as the API does."""
        return {"status": self.status, "retryAfterSeconds": self.retry_after_seconds}


@dataclass(frozen=True, slots=True)
class Breaker:
    """One model's. Times are seconds since 1970; `openings` are those in a row; `probe` is a job's id."""

    suspects: tuple[str, ...] = ()
    openings: int = 0
    open_until: float = 0
    probe: str = ""
    probe_until: float = 0

    def availability(self, now: datetime) -> Availability:
        """Tell how the model stands; `probing` with 0 seconds: the next request is the probe."""
        moment = now.timestamp()
        if not self.openings:
            return Availability("available")
        if moment < self.open_until:
            return Availability("unavailable", ceil(self.open_until - moment))
        rest = ceil(max(0, self.probe_until - moment)) if self.probe else 0
        return Availability("probing", min(rest, LOOK_SECONDS))

    def probed_by(self, job: Job, now: datetime) -> "Breaker":
        """Let a job decide. If nothing is heard of it for too long, another one will."""
        seconds = min(2 * job.estimated_seconds + 120, LONGEST_PROBE_SECONDS)
        return replace(self, probe=job.id, probe_until=now.timestamp() + seconds)

    def failed(self, job: Job, suspect: str, now: datetime) -> "Breaker":
        """Note a failure. While the breaker is open, only the probe's matters, and no user's twice in a row."""
        if self.openings:
            if self.suspects == (suspect,):  # whoever sends what fails anyway could keep the model closed for all
                return self.released(job)
            return self._opened((suspect,), now) if self.probe == job.id else self
        suspects = tuple(dict.fromkeys((*self.suspects, suspect)))
        return self._opened(suspects, now) if len(suspects) >= THRESHOLD else replace(self, suspects=suspects)

    def succeeded(self, job: Job) -> "Breaker":
        """Close. While the breaker is open, only the probe tells something new."""
        return Breaker() if not self.openings or self.probe == job.id else self

    def taken(self, job: Job) -> "Breaker":
        """Close where sending was all that failed, and the probe could be sent."""
        is_about_sending = all(suspect.startswith(_SENDING) for suspect in self.suspects)
        return Breaker() if self.probe == job.id and is_about_sending else self

    def released(self, job: Job) -> "Breaker":
        """Let the next request be the probe, if this job was it: its end told nothing."""
        return replace(self, probe="", probe_until=0) if self.probe == job.id else self

    def _opened(self, suspects: tuple[str, ...], now: datetime) -> "Breaker":
        seconds = min(FIRST_SECONDS * 2**self.openings, LONGEST_SECONDS)
        return Breaker(suspects, self.openings + 1, now.timestamp() + seconds)

    @property
    def kept_seconds(self) -> int:
        """Return how long it is remembered unless it changes."""
        return KEPT_SECONDS if self.openings else QUIET_SECONDS

    def text(self) -> str:
        """Write it for the cache."""
        return json.dumps(asdict(self))


def read_breaker(text: str | None) -> Breaker:
    """Read it from the cache; what another release added is left out."""
    kept: dict[str, Any] = json.loads(text) if text else {}
    known = {field.name: kept[field.name] for field in fields(Breaker) if field.name in kept}
    return Breaker(**known | {"suspects": tuple(known.get("suspects", ()))})


def unsent(job: Job) -> str:
    """Name a create call that came to nothing: a crash, a lost answer, or a model that is not there (any more)."""
    return f"{_SENDING}{job.id}"


def suspicion(job: Job) -> str | None:
    """Name what an ended job is against its model; None where its end says nothing.

    What may be due to what was asked for counts once for each user, so that it takes several of them.
    """
    if job.status is not Status.FAILED or job.error is None or job.replicate_id is None:  # it never ran
        return None
    if job.error.code in _CERTAIN:
        return f"run:{job.id}"
    had = (job.deadline_at - (job.started_at or job.created_at)).total_seconds()
    is_hasty = job.error.code == "deadline_exceeded" and had < FAIR_SECONDS
    return f"user:{job.user_id}" if job.error.code in _LIKELY and not is_hasty else None

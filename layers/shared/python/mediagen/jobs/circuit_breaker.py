"""The rules of a model's circuit breaker. Only faults of the provider count, not those of a single user's requests.

Closed: failures are counted, and the fifth without a success in between opens the breaker. Open: no job is admitted for
half a minute. Half-open: one job is admitted as the probe; its success closes the breaker, its failure opens it for
twice as long. What counts as a failure, and why: docs/decisions/0021-circuit-breaker-per-model.md
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from math import ceil
from typing import Any

from mediagen.jobs.job import Job
from mediagen.jobs.state import Status

THRESHOLD = 5
QUIET_SECONDS = 30 * 60  # failures further apart do not count as consecutive
FIRST_SECONDS = 30
LONGEST_SECONDS = 10 * 60
KEPT_SECONDS = 60 * 60  # an open breaker without requests is forgotten, which makes its model available
LONGEST_PROBE_SECONDS = 15 * 60
LOOK_SECONDS = 30  # Retry-After while a probe runs: the probe may end long before its time limit
OUTAGE = 5  # openings in a row: the model has been unavailable for seven minutes at least
FAIR_SECONDS = 10 * 60  # a cold start takes minutes: a missed shorter deadline says nothing about the model

_CERTAIN = {"model_unavailable"}  # reported by Replicate for any request
_LIKELY = {"generation_failed", "no_output", "deadline_exceeded"}  # may be caused by one user's requests
_SENDING = "send:"


@dataclass(frozen=True, slots=True)
class Availability:
    """A model's state for clients: `available`, `unavailable`, or `probing` (one job at a time is admitted)."""

    status: str
    retry_after_seconds: int | None = None

    def document(self) -> dict[str, object]:
        """Return the state as the API shows it."""
        return {"status": self.status, "retryAfterSeconds": self.retry_after_seconds}


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state of one model. Times are seconds since 1970; `openings` count in a row; `probe` is a job's id."""

    suspects: tuple[str, ...] = ()
    openings: int = 0
    open_until: float = 0
    probe: str = ""
    probe_until: float = 0

    def availability(self, now: datetime) -> Availability:
        """Return the model's availability. `probing` with 0 seconds: the next job becomes the probe."""
        moment = now.timestamp()
        if not self.openings:
            return Availability("available")
        if moment < self.open_until:
            return Availability("unavailable", ceil(self.open_until - moment))
        rest = ceil(max(0, self.probe_until - moment)) if self.probe else 0
        return Availability("probing", min(rest, LOOK_SECONDS))

    def probed_by(self, job: Job, now: datetime) -> "Breaker":
        """Make a job the probe. If it has no outcome for too long, another job becomes the probe."""
        seconds = min(2 * job.estimated_seconds + 120, LONGEST_PROBE_SECONDS)
        return replace(self, probe=job.id, probe_until=now.timestamp() + seconds)

    def failed(self, job: Job, suspect: str, now: datetime) -> "Breaker":
        """Count a failure. While the breaker is open only the probe's counts, and no user's counts twice in a row."""
        if self.openings:
            if self.suspects == (
                suspect,
            ):  # otherwise one user with failing requests could keep the model unavailable for all
                return self.released(job)
            return self._opened((suspect,), now) if self.probe == job.id else self
        suspects = tuple(dict.fromkeys((*self.suspects, suspect)))
        return self._opened(suspects, now) if len(suspects) >= THRESHOLD else replace(self, suspects=suspects)

    def succeeded(self, job: Job) -> "Breaker":
        """Close the breaker. While it is open, only the probe's success counts."""
        return Breaker() if not self.openings or self.probe == job.id else self

    def taken(self, job: Job) -> "Breaker":
        """Close the breaker if all failures were unsent create calls and the probe could be sent."""
        is_about_sending = all(suspect.startswith(_SENDING) for suspect in self.suspects)
        return Breaker() if self.probe == job.id and is_about_sending else self

    def released(self, job: Job) -> "Breaker":
        """Free the probe slot if this job held it: its outcome says nothing about the model."""
        return replace(self, probe="", probe_until=0) if self.probe == job.id else self

    def _opened(self, suspects: tuple[str, ...], now: datetime) -> "Breaker":
        seconds = min(FIRST_SECONDS * 2**self.openings, LONGEST_SECONDS)
        return Breaker(suspects, self.openings + 1, now.timestamp() + seconds)

    @property
    def kept_seconds(self) -> int:
        """Return how long Redis keeps the state unless it changes."""
        return KEPT_SECONDS if self.openings else QUIET_SECONDS

    def text(self) -> str:
        """Serialize the state for the cache."""
        return json.dumps(asdict(self))


def read_breaker(text: str | None) -> Breaker:
    """Parse the cached state. Fields of other releases are ignored."""
    kept: dict[str, Any] = json.loads(text) if text else {}
    known = {field.name: kept[field.name] for field in fields(Breaker) if field.name in kept}
    return Breaker(**known | {"suspects": tuple(known.get("suspects", ()))})


def unsent(job: Job) -> str:
    """Return the name of a create call's failure: a crash, a lost answer, or a model that does not exist."""
    return f"{_SENDING}{job.id}"


def suspicion(job: Job) -> str | None:
    """Return what a completed job counts against its model; None if its outcome says nothing.

    A failure that the request itself may have caused counts once per user, so that it takes several users to open.
    """
    if job.status is not Status.FAILED or job.error is None or job.replicate_id is None:  # it never ran
        return None
    if job.error.code in _CERTAIN:
        return f"run:{job.id}"
    had = (job.deadline_at - (job.started_at or job.created_at)).total_seconds()
    is_hasty = job.error.code == "deadline_exceeded" and had < FAIR_SECONDS
    return f"user:{job.user_id}" if job.error.code in _LIKELY and not is_hasty else None

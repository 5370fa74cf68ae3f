"""Circuit breakers of the models, shared by all containers in Redis.

Key: `models:health:{mediaType}:{modelId}`. Without Redis every model counts as available. The rules are in
`jobs.circuit_breaker`; this module applies them with compare-and-swap.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from mediagen import log
from mediagen.cache.cache import Cache
from mediagen.errors.refusals import ModelUnavailable
from mediagen.jobs.circuit_breaker import OUTAGE, Availability, Breaker, read_breaker, suspicion, unsent
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.models.catalogue import Model

TRIES = 5  # lost races in a row: other containers are then updating the same state

# ARGV: the value that was read ('' for none), the new value, its lifetime in seconds.
_SWAP = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class ModelHealth:
    """Admit jobs to models, and update the circuit breakers with the outcomes."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def admit(self, job: Job, *, now: datetime) -> bool:
        """Admit a new job; while the breaker is half-open, one at a time. Returns whether the job is the probe.

        One round trip, two for a probe. Raises ModelUnavailable.
        """

        def rule(breaker: Breaker) -> Breaker:
            seconds = breaker.availability(now).retry_after_seconds
            if seconds:
                raise ModelUnavailable("The model is not available at present.", retry_after_seconds=seconds)
            return breaker if seconds is None else breaker.probed_by(job, now)

        changed = self._change(job, rule)
        if changed:
            log.event("model.probing", subject=job.subject, metadata={"openings": changed[1].openings})
        return changed is not None

    def unsent(self, job: Job, *, now: datetime) -> None:
        """Record that a create call failed."""
        self._fail(job, unsent(job), now)

    def taken(self, job: Job) -> None:
        """Record that Replicate accepted the probe."""
        self._close(job, lambda breaker: breaker.taken(job))

    def released(self, job: Job) -> None:
        """Release the probe slot of a job whose outcome says nothing about the model."""
        self._change(job, lambda breaker: breaker.released(job))

    def ended(self, job: Job, *, now: datetime) -> None:
        """Record the terminal state of a job."""
        suspect = suspicion(job)
        if suspect:
            self._fail(job, suspect, now)
        elif job.status is Status.COMPLETED:
            self._close(job, lambda breaker: breaker.succeeded(job))
        else:
            self.released(job)

    def look(self, models: Sequence[Job | Model], *, now: datetime) -> list[Availability]:
        """Return the availability of models, or of the models of jobs, in one round trip."""
        held = self._read([_key(model) for model in models]) if models else []
        return [read_breaker(text).availability(now) for text in held or [None] * len(models)]

    def _fail(self, job: Job, suspect: str, now: datetime) -> None:
        changed = self._change(job, lambda breaker: breaker.failed(job, suspect, now))
        if changed is None or not changed[1].openings:
            return
        opened = changed[1]
        metrics = [log.Metric("ModelUnavailable", 1, dimensions={"modelId": job.model_id})]
        if opened.openings >= OUTAGE:
            metrics.append(log.Metric("ModelOutage", 1))
        told = {"openings": opened.openings, "seconds": round(opened.open_until - now.timestamp())}
        log.event("model.unavailable", level="WARNING", subject=job.subject, metadata=told, metrics=metrics)

    def _close(self, job: Job, rule: Callable[[Breaker], Breaker]) -> None:
        changed = self._change(job, rule)
        if changed and changed[0].openings:
            log.event("model.available", subject=job.subject)

    def _change(self, job: Job, rule: Callable[[Breaker], Breaker]) -> tuple[Breaker, Breaker] | None:
        """Apply a rule. Returns the states before and after, or None if nothing was written."""
        key = _key(job)
        for _ in range(TRIES):
            held = self._read([key])
            if held is None:
                return None
            breaker = read_breaker(held[0])
            changed = rule(breaker)
            if changed == breaker:
                return None
            arguments = (held[0] or "", changed.text(), changed.kept_seconds)
            done = self._cache.ask(lambda redis: redis.eval(_SWAP, 1, key, *arguments))  # noqa: B023 - it is called here
            if done is None:
                return None
            if done:
                return breaker, changed
        return None

    def _read(self, keys: list[str]) -> list[str | None] | None:
        found: list[str | None] | None = self._cache.ask(lambda redis: redis.mget(keys))
        return found


def _key(owner: Job | Model) -> str:
    return f"models:health:{owner.media_type}:{owner.model_id}"

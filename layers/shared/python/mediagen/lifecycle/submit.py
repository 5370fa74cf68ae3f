"""Submit jobs to Replicate: the only place that creates predictions, for the API and for the submissions queue.

The job is recorded as `submitting` beforehand. If the outcome is unknown, the job stays `submitting` until the webhook
or the poller settles it. Nothing is sent twice on a guess.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mediagen import log
from mediagen.aws.queue import Queue
from mediagen.cache.pace import Pace
from mediagen.degraded import degraded
from mediagen.errors.refusals import FieldError, Unavailable
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import FREE, end
from mediagen.lifecycle.projection import Projection
from mediagen.limits.dispatch import Turn
from mediagen.models.catalogue import Model
from mediagen.models.health import ModelHealth
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Prediction, Replicate
from mediagen.replicate.create_outcomes import Accepted, NotTaken, Outcome, Refused, Unknown

AMBIGUOUS_CHECK = timedelta(
    minutes=2
)  # a create call lasts 18 s at most, so by then it has either arrived or never will
LOST_MESSAGE_CHECK = timedelta(minutes=10)  # a queued job whose message vanished is sent again after this
WEBHOOK_GRACE = timedelta(minutes=2)  # Replicate's last attempt is about one minute after completion
MAX_DELAY_SECONDS = 900  # the limit of SQS
LONGEST_WAIT_SECONDS = 60  # between two attempts, unless Replicate asks for more
# The messages of gojsonschema, which Replicate uses, for missing and additional properties.
_NAMED = re.compile(r"^(?:Additional property )?(\w+) is (?:required|not allowed)$")
_PATH, _CODE = re.compile(r"[\w.\[\]-]{1,200}"), re.compile(r"[A-Za-z_]{1,40}")  # a name, not a sentence


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of submitting a job."""

    records: JobRecords
    provider: Replicate
    submissions: Queue
    screen: Projection
    health: ModelHealth
    pace: Pace
    webhook_base: str


def submit(job: Job, model: Model, turn: Turn, *, now: datetime, ports: Ports) -> tuple[Job, tuple[FieldError, ...]]:
    """Send a `submitting` job to Replicate. Returns the job as it is then, and the errors of its params, if any."""
    webhook = f"{ports.webhook_base}/webhook/replicate?jobId={job.id}"
    seconds = int((job.deadline_at - now).total_seconds())
    outcome = ports.provider.create(model.version, job.params, webhook=webhook, deadline_seconds=seconds)
    _tell(job, outcome)
    if isinstance(outcome, Unknown) or outcome == Refused("model_unavailable"):
        ports.health.unsent(job, now=now)
    ask_at = _keep_pace(job, outcome, turn, now=now, ports=ports)
    try:
        moved = _record(job, outcome, ask_at, now=now, ports=ports) or job
    except Unavailable as error:  # the job is accepted and recorded as `submitting`; webhook and poller settle the rest
        log.degraded("database", error, subject=job.subject)
        return job, ()
    if isinstance(outcome, NotTaken):
        with degraded("submissions", subject=job.subject):
            send_turn(job.id, ask_at, now=now, ports=ports)
    if not moved.status.is_final:  # a terminal state is already projected
        ports.screen.show(moved)
    return moved, _field_errors(outcome)


def send_turn(job_id: str, ask_at: datetime, *, now: datetime, ports: Ports) -> None:
    """Queue a message that lets one waiting job be sent from `ask_at` on. Which job is decided when it arrives.

    A message can be delayed by 15 minutes at most.
    """
    delay = math.ceil((ask_at - now).total_seconds())
    message = {"jobId": job_id, "turnAt": math.ceil(ask_at.timestamp())}
    ports.submissions.send(message, delay_seconds=min(delay, MAX_DELAY_SECONDS))


def _keep_pace(job: Job, outcome: Outcome, turn: Turn, *, now: datetime, ports: Ports) -> datetime:
    """Report the outcome to the shared rate limiter. Returns the time of the next attempt, if one is needed."""
    match outcome:
        case NotTaken(_, seconds):
            until = ports.pace.refused(seconds, now)
            return until or now + timedelta(seconds=wait_seconds(job, seconds))
        case Unknown():
            ports.pace.doubted(now)
        case _ if turn.is_watched:
            ports.pace.taken(now)
    return now


def wait_seconds(job: Job, asked_seconds: int) -> int:
    """Return when to retry without the shared rate limiter: after Replicate's Retry-After, doubled with each attempt.

    A hundred jobs that came together would be refused together again and again, so their ids and attempts spread them.
    """
    tries = min((job.revision + 1) // 2, 10)
    latest = max(asked_seconds, min(asked_seconds << (tries - 1), LONGEST_WAIT_SECONDS))
    spread = int(job.id[-4:], 16) * job.revision % 0x10000 / 0x10000
    return asked_seconds + round((latest - asked_seconds) * spread)


def _record(job: Job, outcome: Outcome, ask_at: datetime, *, now: datetime, ports: Ports) -> Job | None:
    match outcome:
        case Accepted(prediction):
            wait = timedelta(seconds=job.estimated_seconds) + WEBHOOK_GRACE
            change = Change("accepted_by_replicate", wait, replicate_id=prediction["id"])
            return ports.records.move(job.id, Status.PROCESSING, change, now=now) or _overtaken(job, prediction, ports)
        case NotTaken(reason):
            wait = ask_at - now + LOST_MESSAGE_CHECK
            return ports.records.move(job.id, Status.QUEUED, Change(reason, wait), now=now)
        case Refused(code, fields):
            change = Change("refused_by_replicate", cost=FREE, error=failure(code), details={"invalidFields": fields})
            return end(job.id, Status.FAILED, change, now=now, records=ports.records, screen=ports.screen)
        case Unknown():
            return None


def _overtaken(job: Job, prediction: Prediction, ports: Ports) -> Job | None:
    """Read a job whose state changed while Replicate accepted it. If it was canceled, cancel the prediction."""
    found = ports.records.find_any(job.id)
    if found and found.status is Status.CANCELED:
        with degraded("upstream_cancel", subject=job.subject):
            ports.provider.cancel(prediction["id"])
    return found


def _tell(job: Job, outcome: Outcome) -> None:
    kind = {"mediaType": job.media_type, "modelId": job.model_id}
    match outcome:
        case Accepted(prediction):
            metrics = [log.Metric("JobsStarted", 1, dimensions=kind)]
            log.event("job.started", subject=job.subject, metadata={"replicateId": prediction["id"]}, metrics=metrics)
        case NotTaken(reason, _, operators_fault):
            metrics = [log.Metric("ProviderAccountProblem", 1)] if operators_fault else []
            level = "ERROR" if operators_fault else "WARNING"
            log.event("job.postponed", level=level, subject=job.subject, error=reason, metrics=metrics)
        case Unknown(reason):
            metrics = [log.Metric("SubmissionsAmbiguous", 1)]
            log.event("job.submission_ambiguous", level="WARNING", subject=job.subject, error=reason, metrics=metrics)


def _field_errors(outcome: Outcome) -> tuple[FieldError, ...]:
    """Translate Replicate's `invalid_fields` to the client's params. Replicate's messages are dropped."""
    if not isinstance(outcome, Refused):
        return ()
    return tuple(
        FieldError(_client_path(field), _client_code(field), "The model does not accept this value.")
        for field in outcome.invalid_fields
    )


def _client_code(field: Mapping[str, Any]) -> str:
    code = str(field.get("type"))
    return code if _CODE.fullmatch(code) else "invalid"


def _client_path(field: Mapping[str, Any]) -> str:
    """Turn `input.fps` into `params.fps`. For a missing or unknown name `field` has the parent only."""
    path = str(field.get("field") or "input").replace("input", "params", 1)
    named = _NAMED.search(str(field.get("description", "")))
    path = f"{path}.{named[1]}" if named else path
    return path if _PATH.fullmatch(path) else "params"

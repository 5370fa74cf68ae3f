"""Accept a job: the one path from a client's request to a recorded job that is submitted to Replicate.

The order: a job that the same request already made, the model and its params, the model's circuit breaker, the hourly
limit, a dispatch slot, the permanent record (which also enforces the other limits), Replicate. Without a free dispatch
slot the job is recorded as `queued`. Nothing is spent until the job is recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mediagen import log
from mediagen.access.callers import TokenUser
from mediagen.degraded import degraded
from mediagen.errors.refusals import BudgetExceeded, FieldError, InvalidFields, TooManyRunningJobs, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.ids import created_at, new_job_id
from mediagen.jobs.job import Document, Job
from mediagen.jobs.request import MediaRequest
from mediagen.jobs.state import Status
from mediagen.lifecycle.reservation import Reservation
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK, LOST_MESSAGE_CHECK, send_turn, submit
from mediagen.lifecycle.submit import Ports as SubmissionPorts
from mediagen.limits.budget import NO_LIMITS, Limits
from mediagen.limits.dispatch import Turn
from mediagen.limits.quota import Quota
from mediagen.limits.rate_limit import Limiter, spend
from mediagen.models.catalogue import Catalogue, Model
from mediagen.models.params import checked_params
from mediagen.outbound.addresses import PublicHosts
from mediagen.outbound.callback_urls import CallbackUrls
from mediagen.records.claims import ClaimRecords
from mediagen.records.jobs import JobRecords

CALLBACK_URLS = CallbackUrls(PublicHosts())
FIRST_LOOK_SECONDS = 2  # `Retry-After` of an accepted job: earlier than this a status rarely has news


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of accepting a job."""

    catalogue: Catalogue
    limiter: Limiter
    limit_per_hour: int
    records: JobRecords
    claims: ClaimRecords
    submission: SubmissionPorts
    add_token_user: Callable[[TokenUser], None]
    defaults: Limits = NO_LIMITS
    callback_urls: CallbackUrls = CALLBACK_URLS

    def allowing(self, rate_per_hour: int | None) -> "Ports":
        """Return the same ports with the caller's own hourly limit, if the caller has one."""
        return replace(self, limit_per_hour=rate_per_hour or self.limit_per_hour)


def caller(request: Request, ports: Ports) -> str:
    """Return the user who sends a request; record a user of a token, because a job refers to a user row.

    Raises Unauthorized, Unavailable.
    """
    user_id = request.caller()
    if request.token_user:
        ports.add_token_user(request.token_user)
    return user_id


def accept(
    user_id: str, read: Callable[[], MediaRequest], claim: Claim | None, *, now: datetime, ports: Ports
) -> Response:
    """Record the job that a request asks for, and submit it. `read` is called only if the request is new."""
    existing = find_existing_job(claim, ports)
    if existing:
        return repeated(existing, ports.limiter.look(user_id, now, limit=ports.limit_per_hour))
    job, model = new_job(user_id, read(), now=now, catalogue=ports.catalogue, callback_urls=ports.callback_urls)
    once, health = claim.key if claim else None, ports.submission.health
    is_probe = health.admit(job, now=now)
    with Reservation([job] if is_probe else [], health.released) as probe:
        quota = spend(user_id, once, now=now, limiter=ports.limiter, limit=ports.limit_per_hour)
        with Reservation([job] if quota else [], lambda _: ports.limiter.give_back(user_id, now, once=once)) as unit:
            turn = ports.submission.pace.ask(now, is_new=True)
            recorded = record(job, turn, claim, now=now, ports=ports)
            unit.keep([recorded.id])
            probe.keep([recorded.id])
    if recorded.id != job.id:  # the same request, sent in parallel, recorded its job first and submits it
        return repeated(recorded, quota)
    if turn.ask_at:
        queue_until(turn.ask_at, recorded, now=now, ports=ports.submission)
        return accepted(recorded, quota)
    return _submitted(recorded, model, turn, claim, quota, is_probe=is_probe, now=now, ports=ports.submission)


def _submitted(
    job: Job,
    model: Model,
    turn: Turn,
    claim: Claim | None,
    quota: Quota | None,
    *,
    is_probe: bool,
    now: datetime,
    ports: SubmissionPorts,
) -> Response:
    """Submit a recorded job and answer its client. Raises InvalidFields if Replicate refuses the params."""
    job, errors = submit(job, model, turn, now=now, ports=ports)
    if is_probe and job.status is Status.PROCESSING:
        ports.health.taken(job)
    if claim:
        return repeated(job, quota)
    if job.error and job.error.code == "invalid_params":
        raise InvalidFields(job.error.message, errors=errors, extra={"jobId": job.id})
    return accepted(job, quota)


def find_existing_job(claim: Claim | None, ports: Ports) -> Job | None:
    """Find the job that the same request already made. Raises IdempotencyKeyReused, Unavailable."""
    job_id = ports.claims.find(claim) if claim else None
    return ports.records.find_any(job_id) if job_id else None


def record(job: Job, turn: Turn, claim: Claim | None, *, now: datetime, ports: Ports) -> Job:
    """Record a job, as `queued` if it has no dispatch slot. If the same request recorded a job first, return that job.

    Raises TooManyRunningJobs, BudgetExceeded, Unavailable.
    """
    check_at = now + AMBIGUOUS_CHECK
    if turn.ask_at:
        job, check_at = replace(job, status=Status.QUEUED, revision=0), turn.ask_at + LOST_MESSAGE_CHECK
    try:
        if ports.records.add(job, check_at=check_at, claim=claim, defaults=ports.defaults) or claim is None:
            return job
    except (TooManyRunningJobs, BudgetExceeded):  # the same request, sent in parallel, may have used up the limit
        existing = find_existing_job(claim, ports)
        if existing is None:
            raise
        return existing
    existing = find_existing_job(claim, ports)
    if existing is None:  # the key expired between the insert and the look-up
        raise Unavailable("The idempotency key is in use.", retry_after_seconds=1)
    return existing


def queue_until(ask_at: datetime, job: Job, *, now: datetime, ports: SubmissionPorts) -> None:
    """Leave a job to `submit_job` at its dispatch slot. If the message is lost, the poller sends another."""
    log.event("job.queued", subject=job.subject, metadata={"seconds": round((ask_at - now).total_seconds())})
    with degraded("submissions", subject=job.subject):
        send_turn(job.id, ask_at, now=now, ports=ports)
    ports.screen.show(job)


def repeated(job: Job, quota: Quota | None) -> Response:
    """Answer a request that has an idempotency key as when its job was accepted, whatever the job's status is now."""
    return accepted(replace(job, status=Status.QUEUED), quota)


def new_job(
    user_id: str, wanted: MediaRequest, *, now: datetime, catalogue: Catalogue, callback_urls: CallbackUrls
) -> tuple[Job, Model]:
    """Make the job and return it with its model. The creation time is the one in the job's id, in milliseconds.

    Raises UnknownModel, InvalidFields.
    """
    model = catalogue.find(wanted.media_type, wanted.model_id)
    params, deadline = checked_params(model, wanted.params), checked_deadline(model, wanted.deadline_seconds)
    callback_urls.check(wanted.callback_url, user_id)
    job_id = new_job_id(now)
    created = created_at(job_id)
    job = Job(
        id=job_id,
        user_id=user_id,
        media_type=model.media_type,
        model_id=model.model_id,
        status=Status.SUBMITTING,
        created_at=created,
        updated_at=created,
        deadline_at=created + timedelta(seconds=deadline),
        estimated_seconds=model.estimated_seconds,
        estimated_cost=model.pricing,
        params=params,
        metadata=wanted.metadata,
        retry_of=wanted.retry_of,
        callback_url=wanted.callback_url,
    )
    return job, model


def checked_deadline(model: Model, wanted: int | None) -> int:
    """Return a job's deadline in seconds: the model's, or an earlier one if requested. Raises InvalidFields."""
    most = model.deadline_seconds
    if wanted is None or wanted <= most:
        return most if wanted is None else wanted
    message = f"deadlineSeconds must be smaller than or equal to {most}, the deadline of {model.model_id}."
    raise InvalidFields("The deadline is too late.", errors=[FieldError("deadlineSeconds", "maximum", message, most)])


def accepted(job: Job, quota: Quota | None) -> Response:
    """Answer 202 with what a client needs to follow the job, and with the caller's remaining quota in the headers."""
    headers = {"Location": f"/status/{job.id}", "Retry-After": str(FIRST_LOOK_SECONDS)}
    return Response(202, acceptance(job), headers | (quota.headers() if quota else {}))


def acceptance(job: Job) -> Document:
    """Return the body of an accepted job: its id, status, estimates and status URL."""
    document = job.document()
    names = ("jobId", "status", "mediaType", "modelId", "estimatedTime", "estimatedCost", "createdAt")
    links = {"expiresAt": document["deadlineAt"], "statusUrl": f"/status/{job.id}"}
    return {name: document[name] for name in names} | links

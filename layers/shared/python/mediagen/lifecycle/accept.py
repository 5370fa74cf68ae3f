"""Accepting a job: the one way from what a client wants to a recorded job that Replicate is asked for.

In this order: what the same request has made already, the model and its params, whether it works at present, the limit
of an hour, the common pace, the permanent record, which keeps the other limits, Replicate. A job that would overtake
others is recorded as `queued`, and takes its turn. Until the record nothing is spent.
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
from mediagen.jobs.request import Wanted
from mediagen.jobs.state import Status
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
FIRST_LOOK_SECONDS = 2  # when a client's first look at the status may pay


@dataclass(frozen=True, slots=True)
class Ports:
    """What accepting a job needs."""

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
        """Return these with a caller's own rate, where there is one."""
        return replace(self, limit_per_hour=rate_per_hour or self.limit_per_hour)


def caller(request: Request, ports: Ports) -> str:
    """Return who asks; one whom a token names is recorded, which jobs need. Raises Unauthorized, Unavailable."""
    user_id = request.caller()
    if request.token_user:
        ports.add_token_user(request.token_user)
    return user_id


def accept(user_id: str, read: Callable[[], Wanted], claim: Claim | None, *, now: datetime, ports: Ports) -> Response:
    """Accept what a user wants and hand it to Replicate; `read` is asked where no such request came before."""
    earlier = made_before(claim, ports) if claim else None
    if earlier:
        return repeatable(earlier, ports.limiter.look(user_id, now, limit=ports.limit_per_hour))
    job, model = new_job(user_id, read(), now=now, catalogue=ports.catalogue, callback_urls=ports.callback_urls)
    is_probe = ports.submission.health.admit(job, now=now)
    recorded, turn, quota = record_tried(job, claim, is_probe, now=now, ports=ports)  # the permanent record comes first
    if recorded.id != job.id:  # whoever was faster hands it over
        return repeatable(recorded, quota)
    if turn.ask_at:
        wait_for_turn(recorded, turn.ask_at, now=now, ports=ports.submission)
        return accepted(recorded, quota)
    job, errors = submit(recorded, model, turn, now=now, ports=ports.submission)
    if is_probe and job.status is Status.PROCESSING:
        ports.submission.health.taken(job)
    if claim:
        return repeatable(job, quota)
    if job.error and job.error.code == "invalid_params":
        raise InvalidFields(job.error.message, errors=errors, extra={"jobId": job.id})
    return accepted(job, quota)


def made_before(claim: Claim, ports: Ports) -> Job | None:
    """Find the job that the same request has made already. Raises IdempotencyKeyReused, Unavailable."""
    job_id = ports.claims.find(claim)
    return ports.records.find_any(job_id) if job_id else None


def record_tried(
    job: Job, claim: Claim | None, is_probe: bool, *, now: datetime, ports: Ports
) -> tuple[Job, Turn, Quota | None]:
    """Record a job; where none comes of one that was to probe its model, let the next one. Raises RateLimited."""
    recorded = None
    try:
        recorded, turn, quota = record_within_limit(job, claim, now=now, ports=ports)
        return recorded, turn, quota
    finally:
        if is_probe and (recorded is None or recorded.id != job.id):
            ports.submission.health.released(job)


def record_within_limit(
    job: Job, claim: Claim | None, *, now: datetime, ports: Ports
) -> tuple[Job, Turn, Quota | None]:
    """Record a job at the cost of one unit, which is given back if no job comes of it. Raises RateLimited."""
    once, recorded = claim.key if claim else None, None
    quota = spend(job.user_id, once, now=now, limiter=ports.limiter, limit=ports.limit_per_hour)
    try:
        turn = ports.submission.pace.ask(now, is_new=True)
        recorded = record(job, turn, claim, now=now, ports=ports)
    finally:
        if quota and (recorded is None or recorded.id != job.id):
            ports.limiter.give_back(job.user_id, now, once=once)
    return recorded, turn, quota


def record(job: Job, turn: Turn, claim: Claim | None, *, now: datetime, ports: Ports) -> Job:
    """Record a job, as waiting where it must; where the same request was faster elsewhere, return its job instead."""
    check_at = now + AMBIGUOUS_CHECK
    if turn.ask_at:
        job, check_at = replace(job, status=Status.QUEUED, revision=0), turn.ask_at + LOST_MESSAGE_CHECK
    try:
        if ports.records.add(job, check_at=check_at, claim=claim, defaults=ports.defaults) or claim is None:
            return job
    except (TooManyRunningJobs, BudgetExceeded):  # of what is left it may be this very request that took the last
        earlier = made_before(claim, ports) if claim else None
        if earlier is None:
            raise
        return earlier
    earlier = made_before(claim, ports)
    if earlier is None:  # its day has ended in between
        raise Unavailable("The idempotency key is in use.", retry_after_seconds=1)
    return earlier


def wait_for_turn(job: Job, ask_at: datetime, *, now: datetime, ports: SubmissionPorts) -> None:
    """Leave a job to `submit_job`; where its message is lost, the poller sends another."""
    log.event("job.queued", subject=job.subject, metadata={"seconds": round((ask_at - now).total_seconds())})
    with degraded("submissions", subject=job.subject):
        send_turn(job.id, ask_at, now=now, ports=ports)
    ports.screen.show(job)


def repeatable(job: Job, quota: Quota | None) -> Response:
    """Answer a request with an idempotency key: always as when the job was accepted, whatever became of it since."""
    return accepted(replace(job, status=Status.QUEUED), quota)


def new_job(
    user_id: str, wanted: Wanted, *, now: datetime, catalogue: Catalogue, callback_urls: CallbackUrls
) -> tuple[Job, Model]:
    """Make the job, with the model it is for; its creation time is the one in its id, to the millisecond.

    Raises UnknownModel, InvalidFields.
    """
    model = catalogue.find(wanted.media_type, wanted.model_id)
    params, deadline = checked_params(model, wanted.params), checked_deadline(model, wanted.deadline_seconds)
    callback_urls.check(wanted.callback_url)
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
    """Return the seconds a job has: the model's, or fewer where the client wants that. Raises InvalidFields."""
    most = model.deadline_seconds
    if wanted is None or wanted <= most:
        return most if wanted is None else wanted
    told = f"deadlineSeconds must be smaller than or equal to {most}, as {model.model_id} has it."
    raise InvalidFields("The deadline is too late.", errors=[FieldError("deadlineSeconds", "maximum", told, most)])


def accepted(job: Job, quota: Quota | None) -> Response:
    """Answer with what a client needs to follow the job, and how much more it may ask for."""
    headers = {"Location": f"/status/{job.id}", "Retry-After": str(FIRST_LOOK_SECONDS)}
    return Response(202, acceptance(job), headers | (quota.headers() if quota else {}))


def acceptance(job: Job) -> Document:
    """Write what a client needs to follow the job."""
    document = job.document()
    names = ("jobId", "status", "mediaType", "modelId", "estimatedTime", "estimatedCost", "createdAt")
    links = {"expiresAt": document["deadlineAt"], "statusUrl": f"/status/{job.id}"}
    return {name: document[name] for name in names} | links

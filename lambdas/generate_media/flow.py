"""Accept a request for media: validate, limit, record, hand to Replicate, answer 202."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from generate_media.params import checked_params
from generate_media.request_validator import PROPERTIES, REQUIRED
from mediagen import log
from mediagen.bodies import read_json_object
from mediagen.cache import WINDOW_SECONDS
from mediagen.catalogue import Model
from mediagen.edge import Request, Response
from mediagen.idempotency import Claim, read_claim
from mediagen.ids import created_at, new_job_id
from mediagen.jobs import Job
from mediagen.refusals import FieldError, InvalidFields, RateLimited, Unavailable
from mediagen.states import Status
from mediagen.submission import AMBIGUOUS_CHECK, submit
from mediagen.submission import Ports as SubmissionPorts
from mediagen.validation import find_errors

FIRST_LOOK_SECONDS = 2  # when a client's first look at the status may pay


class Catalogue(Protocol):
    """The models there are."""

    def find(self, media_type: str, model_id: str) -> Model:
        """Return a model. Raises UnknownModel."""


class Limiter(Protocol):
    """Counts a user's requests in the current hour."""

    def spend(self, user_id: str, now: datetime) -> int | None:
        """Count one; None when nobody can tell."""


class Records(Protocol):
    """The truth, as far as jobs are made."""

    def add(self, job: Job, *, check_at: datetime, claim: Claim | None = None) -> bool:
        """Record a new job as `submitting`, with its claim. False: the key may be another's. Raises Unavailable."""

    def find(self, job_id: str) -> Job | None:
        """Read a job. Raises Unavailable."""


class Claims(Protocol):
    """Which request made which job."""

    def find(self, claim: Claim) -> str | None:
        """Return the id of the job that the request has made already. Raises IdempotencyKeyReused, Unavailable."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What accepting a job needs."""

    catalogue: Catalogue
    limiter: Limiter
    limit_per_hour: int
    records: Records
    claims: Claims
    submission: SubmissionPorts


def generate_media(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Accept a request for media and hand it to Replicate."""
    user_id = request.caller()
    body = read_json_object(request.body, request.headers.get("content-type", ""))
    claim = read_claim(request.headers, user_id, body, now)
    earlier = made_before(claim, ports) if claim else None
    if earlier:
        return repeatable(earlier)
    wanted = read_wanted(body)
    model = ports.catalogue.find(wanted["mediaType"], wanted["modelId"])
    params = checked_params(model, wanted["params"])
    check_limit(user_id, now=now, ports=ports)  # a request that is refused above costs nothing
    job = new_job(user_id, model, params, now)
    recorded = record(job, claim, now=now, ports=ports)  # the permanent record comes first
    if recorded.id != job.id:  # whoever was faster hands it over
        return repeatable(recorded)
    job, errors = submit(job, model, now=now, ports=ports.submission)
    if claim:
        return repeatable(job)
    if job.error and job.error.code == "invalid_params":
        raise InvalidFields(job.error.message, errors=errors, extra={"jobId": job.id})
    return accepted(job)


def made_before(claim: Claim, ports: Ports) -> Job | None:
    """Find the job that the same request has made already. Raises IdempotencyKeyReused, Unavailable."""
    job_id = ports.claims.find(claim)
    return ports.records.find(job_id) if job_id else None


def record(job: Job, claim: Claim | None, *, now: datetime, ports: Ports) -> Job:
    """Record a job; where the same request was faster on another connection, return its job instead."""
    if ports.records.add(job, check_at=now + AMBIGUOUS_CHECK, claim=claim) or claim is None:
        return job
    earlier = made_before(claim, ports)
    if earlier is None:  # its day has ended in between
        raise Unavailable("The idempotency key is in use.", retry_after_seconds=1)
    return earlier


def repeatable(job: Job) -> Response:
    """Answer a request with an idempotency key: always as when the job was accepted, whatever became of it since."""
    return accepted(replace(job, status=Status.QUEUED))


def read_wanted(body: Mapping[str, Any]) -> dict[str, Any]:
    """Check the body; `prompt` becomes `params.prompt`. Raises InvalidFields that names every wrong field."""
    errors = find_errors(body, PROPERTIES, required=REQUIRED)
    params: Mapping[str, Any] = body.get("params", {})
    if "prompt" in body and not errors:
        if "prompt" in params:
            errors = [FieldError("prompt", "duplicate", "Give the prompt once: as prompt or as params.prompt.")]
        params = {**params, "prompt": body["prompt"]}
    if errors:
        raise InvalidFields(f"{len(errors)} of the fields are not right.", errors=errors)
    return {"mediaType": body["mediaType"], "modelId": body["modelId"], "params": params}


def check_limit(user_id: str, *, now: datetime, ports: Ports) -> None:
    """Count the request. Raises RateLimited; where nobody can count, everybody passes."""
    count = ports.limiter.spend(user_id, now)
    if count is not None and count > ports.limit_per_hour:
        rest = WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS
        detail = f"{ports.limit_per_hour} generations an hour are allowed."
        log.event("request.rate_limited", subject=log.Subject(user_id=user_id), metadata={"count": count})
        raise RateLimited(detail, retry_after_seconds=rest)


def new_job(user_id: str, model: Model, params: Mapping[str, Any], now: datetime) -> Job:
    """Make the job; its creation time is the one in its id, to the millisecond."""
    job_id = new_job_id(now)
    created = created_at(job_id)
    return Job(
        id=job_id,
        user_id=user_id,
        media_type=model.media_type,
        model_id=model.model_id,
        status=Status.SUBMITTING,
        created_at=created,
        updated_at=created,
        deadline_at=created + timedelta(seconds=model.deadline_seconds),
        estimated_seconds=model.estimated_seconds,
        estimated_cost=model.pricing,
        params=params,
    )


def accepted(job: Job) -> Response:
    """Answer with what a client needs to follow the job."""
    document = job.document()
    names = ("jobId", "status", "mediaType", "modelId", "estimatedTime", "estimatedCost", "createdAt", "deadlineAt")
    body = {name: document[name] for name in names} | {"statusUrl": f"/status/{job.id}"}
    headers = {"Location": f"/status/{job.id}", "Retry-After": str(FIRST_LOOK_SECONDS)}
    return Response(202, body, headers)

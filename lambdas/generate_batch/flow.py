"""Accept many requests at once: validate, limit, record all in one transaction, queue, answer 202.

A batch is created if one of its requests is accepted, and then never changes: the same idempotency key returns the same
results, refusals included.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from generate_batch.probing import admit_to_models
from generate_batch.reading import draft_job, read_requests
from mediagen import log
from mediagen.aws.queue import Queue
from mediagen.cache.cache import Cache
from mediagen.degraded import degraded
from mediagen.errors.refusals import Unavailable
from mediagen.http.bodies import read_json_object
from mediagen.http.edge import Request, Response
from mediagen.jobs.batches import Batch, Draft, jobs_of
from mediagen.jobs.idempotency import Claim, read_claim
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.job import Document, Job
from mediagen.jobs.state import Status
from mediagen.lifecycle.accept import FIRST_LOOK_SECONDS, acceptance, caller
from mediagen.lifecycle.accept import Ports as AcceptingPorts
from mediagen.lifecycle.reservation import Reservation
from mediagen.limits.quota import Quota
from mediagen.limits.rate_limit import rate_limited
from mediagen.records.batches import BatchRecords
from mediagen.records.claims import ClaimRecords
from mediagen.times import iso

MAX_BYTES = 1024 * 1024  # of the body: 10 KB for each of a hundred requests
# By then most messages have been consumed; the poller sends another one for each job that still waits.
UNSENT_CHECK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of accepting a batch, in addition to those of accepting a job."""

    accepting: AcceptingPorts
    limiter: Cache
    batches: BatchRecords
    claims: ClaimRecords
    submissions: Queue


def generate_batch(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Accept the valid requests of a batch. Raises BatchRefused or RateLimited if no request is accepted."""
    user_id = caller(request, ports.accepting)
    ports = replace(ports, accepting=ports.accepting.allowing(request.rate_per_hour))
    body = read_json_object(request.body, request.headers.get("content-type", ""), most=MAX_BYTES)
    claim = read_claim(request.headers, user_id, body, now)
    existing = find_existing_batch(claim, ports)
    if existing:
        return accepted(existing, ports.limiter.look(user_id, now, limit=ports.accepting.limit_per_hour))
    batch_id = new_job_id(now)
    accepting = replace(ports.accepting, callback_urls=ports.accepting.callback_urls.together())
    drafts = [
        draft_job(wanted, at, batch_id, user_id, now=now, ports=accepting)
        for at, wanted in enumerate(read_requests(body))
    ]
    batch, quota = record_within_limits(batch_id, user_id, drafts, claim, now=now, ports=ports)
    if batch.id == batch_id:  # otherwise the same request, sent in parallel, hands its own batch over
        hand_over(batch, ports)
    return accepted(batch, quota)


def find_existing_batch(claim: Claim | None, ports: Ports) -> Batch | None:
    """Find the batch that the same request already made. Raises IdempotencyKeyReused, Unavailable."""
    batch_id = ports.claims.find_batch(claim) if claim else None
    return ports.batches.find(batch_id) if batch_id else None


def record_within_limits(
    batch_id: str, user_id: str, drafts: Sequence[Draft], claim: Claim | None, *, now: datetime, ports: Ports
) -> tuple[Batch, Quota | None]:
    """Record the jobs that their models and the hourly limit admit. Each job costs one unit if it is recorded."""
    limit_per_hour, health = ports.accepting.limit_per_hour, ports.accepting.submission.health

    def refund(job: Job) -> None:
        ports.limiter.give_back(user_id, now, once=_once(claim, job))

    drafts, probes = admit_to_models(drafts, now=now, health=health)
    with Reservation(probes, health.released) as probing:
        drafts, quota = within_limit(user_id, drafts, claim, now=now, ports=ports)
        with Reservation(jobs_of(drafts) if quota else [], refund) as units:
            batch = record(batch_id, user_id, drafts, claim, now=now, ports=ports)
            recorded = [job.id for job in batch.jobs]
            units.keep(recorded)
            probing.keep(recorded)
    return batch, ports.limiter.look(user_id, now, limit=limit_per_hour) if units.released else quota


def within_limit(
    user_id: str, drafts: Sequence[Draft], claim: Claim | None, *, now: datetime, ports: Ports
) -> tuple[list[Draft], Quota | None]:
    """Admit the first jobs, up to the hourly limit. If the counter is unavailable, all are admitted."""
    jobs = jobs_of(drafts)
    onces = [_once(claim, job) for job in jobs]
    quotas = ports.limiter.spend_each(user_id, now, onces, limit=ports.accepting.limit_per_hour) if jobs else None
    if not quotas:
        return list(drafts), None
    late = {job.id: rate_limited(quota) for job, quota in zip(jobs, quotas, strict=True) if not quota.is_admitted}
    return [late.get(draft.id, draft) if isinstance(draft, Job) else draft for draft in drafts], quotas[-1]


def record(
    batch_id: str, user_id: str, drafts: Sequence[Draft], claim: Claim | None, *, now: datetime, ports: Ports
) -> Batch:
    """Record a batch. If the same request recorded a batch first, return that batch."""
    check_at, defaults = now + UNSENT_CHECK, ports.accepting.defaults
    batch = ports.batches.add(batch_id, user_id, drafts, check_at=check_at, claim=claim, defaults=defaults)
    if batch is None:
        batch = find_existing_batch(claim, ports)
    if batch is None:  # the key expired between the insert and the look-up
        raise Unavailable("The idempotency key is in use.", retry_after_seconds=1)
    return batch


def hand_over(batch: Batch, ports: Ports) -> None:
    """Send the jobs to `submit_job`. If a message is lost, the poller sends another."""
    subject = log.Subject(user_id=batch.user_id)
    counts = {"batchId": batch.id, "accepted": len(batch.jobs), "refused": len(batch.refusals)}
    log.event("batch.accepted", subject=subject, metadata=counts)
    with degraded("submissions", subject=subject):
        ports.submissions.send_all([{"jobId": job.id} for job in batch.jobs])


def accepted(batch: Batch, quota: Quota | None) -> Response:
    """Answer as when the batch was accepted, whatever the status of its jobs is now."""
    url = f"/batches/{batch.id}"
    body = {
        "batchId": batch.id,
        "createdAt": iso(batch.created_at),
        "statusUrl": url,
        "counts": {"accepted": len(batch.jobs), "refused": len(batch.refusals)},
        "results": [{"index": at} | _result(result) for at, result in enumerate(batch.results)],
    }
    headers = {"Location": url, "Retry-After": str(FIRST_LOOK_SECONDS)}
    return Response(202, body, headers | (quota.headers() if quota else {}))


def _result(result: Job | Document) -> Document:
    return acceptance(replace(result, status=Status.QUEUED)) if isinstance(result, Job) else {"error": result}


def _once(claim: Claim | None, job: Job) -> str | None:
    """Return the name of one request of a batch. No key has a line break, so no other request has this name."""
    return f"{claim.key}\n{job.batch_index}" if claim else None

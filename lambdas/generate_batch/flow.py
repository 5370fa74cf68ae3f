"""Accept many requests at once: validate each, limit, record all of them together, hand them to the queue, answer 202.

A batch is made when one of its requests is accepted. Then it stays as it is: with the same idempotency key it is
answered again with the same results, the refused ones, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from generate_batch.reading import drafted, read_requests
from generate_batch.trying import let_through
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
from mediagen.limits.quota import Quota
from mediagen.limits.rate_limit import rate_limited
from mediagen.records.batches import BatchRecords
from mediagen.records.claims import ClaimRecords
from mediagen.times import iso

MAX_BYTES = 1024 * 1024  # of the body: 10 KB for each of a hundred requests
# Had they been sent, most would have been taken by now: who finds them still waiting sends them once more.
UNSENT_CHECK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Ports:
    """What accepting a batch needs, besides what accepting a job does."""

    accepting: AcceptingPorts
    limiter: Cache
    batches: BatchRecords
    claims: ClaimRecords
    submissions: Queue


def generate_batch(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Accept what can be accepted of a batch. Raises BatchRefused or RateLimited where that is nothing."""
    user_id = caller(request, ports.accepting)
    ports = replace(ports, accepting=ports.accepting.allowing(request.rate_per_hour))
    body = read_json_object(request.body, request.headers.get("content-type", ""), most=MAX_BYTES)
    claim = read_claim(request.headers, user_id, body, now)
    earlier = made_before(claim, ports) if claim else None
    if earlier:
        return accepted(earlier, ports.limiter.look(user_id, now, limit=ports.accepting.limit_per_hour))
    batch_id = new_job_id(now)
    accepting = replace(ports.accepting, callback_urls=ports.accepting.callback_urls.together())
    drafts = [
        drafted(wanted, at, batch_id, user_id, now=now, ports=accepting)
        for at, wanted in enumerate(read_requests(body))
    ]
    batch, quota = record_tried(batch_id, user_id, drafts, claim, now=now, ports=ports)
    if batch.id == batch_id:  # else who was faster hands it over
        hand_over(batch, ports)
    return accepted(batch, quota)


def made_before(claim: Claim, ports: Ports) -> Batch | None:
    """Find the batch that the same request has made already. Raises IdempotencyKeyReused, Unavailable."""
    batch_id = ports.claims.find_batch(claim)
    return ports.batches.find(batch_id) if batch_id else None


def record_tried(
    batch_id: str, user_id: str, drafts: Sequence[Draft], claim: Claim | None, *, now: datetime, ports: Ports
) -> tuple[Batch, Quota | None]:
    """Record the batch without jobs whose models do not work now; a probe that is not recorded lets others try."""
    health = ports.accepting.submission.health
    drafts, probes = let_through(drafts, now=now, health=health)
    made: set[str] = set()
    try:
        batch, quota = record_within_limit(batch_id, user_id, drafts, claim, now=now, ports=ports)
        made.update(job.id for job in batch.jobs)
        return batch, quota
    finally:
        for probe in probes:
            if probe.id not in made:
                health.released(probe)


def record_within_limit(
    batch_id: str, user_id: str, drafts: Sequence[Draft], claim: Claim | None, *, now: datetime, ports: Ports
) -> tuple[Batch, Quota | None]:
    """Record the batch at the cost of one unit for each job; the units of which no job came are given back."""
    drafts, quota = within_limit(user_id, drafts, claim, now=now, ports=ports)
    made: set[str] = set()
    try:
        batch = record(batch_id, user_id, drafts, claim, now=now, ports=ports)
        made.update(job.id for job in batch.jobs)
    finally:
        missed = [job for job in jobs_of(drafts) if quota and job.id not in made]
        for job in missed:
            ports.limiter.give_back(user_id, now, once=_once(claim, job))
    return batch, ports.limiter.look(user_id, now, limit=ports.accepting.limit_per_hour) if missed else quota


def within_limit(
    user_id: str, drafts: Sequence[Draft], claim: Claim | None, *, now: datetime, ports: Ports
) -> tuple[list[Draft], Quota | None]:
    """Let the first ones pass, as many as the limit allows; where nobody can count, everybody passes."""
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
    """Record a batch; where the same request was faster on another connection, return its batch instead."""
    check_at, defaults = now + UNSENT_CHECK, ports.accepting.defaults
    batch = ports.batches.add(batch_id, user_id, drafts, check_at=check_at, claim=claim, defaults=defaults)
    if batch is None and claim:
        batch = made_before(claim, ports)
    if batch is None:  # its day has ended in between
        raise Unavailable("The idempotency key is in use.", retry_after_seconds=1)
    return batch


def hand_over(batch: Batch, ports: Ports) -> None:
    """Give the jobs to `submit_job`; what does not get there is found by the poller."""
    subject = log.Subject(user_id=batch.user_id)
    counts = {"batchId": batch.id, "accepted": len(batch.jobs), "refused": len(batch.refusals)}
    log.event("batch.accepted", subject=subject, metadata=counts)
    with degraded("submissions", subject=subject):
        ports.submissions.send_all([{"jobId": job.id} for job in batch.jobs])


def accepted(batch: Batch, quota: Quota | None) -> Response:
    """Answer as when the batch was accepted, whatever became of its jobs since."""
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
    """Name one of a batch's requests; no key has a line break, so no other request is named like it."""
    return f"{claim.key}\n{job.batch_index}" if claim else None

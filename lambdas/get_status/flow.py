"""Answer a job's status from the cache, otherwise the job table, otherwise PostgreSQL. Faster stores are filled.

The table's document of a running job, and every document of another epoch, must be confirmed by PostgreSQL. If
PostgreSQL is unavailable, it is shown all the same, marked `stale`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from get_status.waiting import StatusReaders, Time, read_wait, wait_for_change
from mediagen import log
from mediagen.cache.cache import Cache
from mediagen.cache.waits import Waits
from mediagen.errors.refusals import InvalidJobId, JobNotFound, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.ids import is_job_id
from mediagen.jobs.job import Document, Job, is_tombstone
from mediagen.jobs.state import Status
from mediagen.jobs.view import entity_tag, is_known, look_again_seconds, view
from mediagen.lifecycle.projection import Projection
from mediagen.records.jobs import JobRecords


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of answering a status. `sign` returns a link to a key of the media bucket."""

    cache: Cache
    records: JobRecords
    projection: Projection
    sign: Callable[[str], str]
    link_seconds: int
    waits: Waits


def get_status(request: Request, *, time: Time, ports: Ports) -> Response:
    """Answer the status of one of the caller's jobs: at once, or with `?wait=` when it changes."""
    user_id, job_id = request.caller(["wait"]), request.path.get("jobId", "")
    if not is_job_id(job_id):
        raise InvalidJobId("The job id is not a UUID of version 7 in lower case.")
    until = time.now() + timedelta(seconds=read_wait(request.query))
    document = owned(find(job_id, ports), user_id)
    known = request.headers.get("if-none-match")
    document = awaited(document, known, until=until, time=time, ports=ports)
    return answer(document, known, now=time.now(), ports=ports)


def awaited(document: Document, known: str | None, *, until: datetime, time: Time, ports: Ports) -> Document:
    """Wait for a state that the client does not know. A client that names no state knows the current one.

    Without a free slot the request is answered at once, and `Retry-After` tells the client how long to wait.
    """
    job_id, user_id, first = document["jobId"], document["userId"], document["revision"]
    eyes = StatusReaders(
        cached=lambda: ports.cache.status(job_id),
        kept=lambda: ports.projection.read(job_id),
        found=lambda: owned(find(job_id, ports), user_id),
    )

    def is_news(seen: Document) -> bool:
        return seen["revision"] > first if known is None else not is_known(seen, known)

    if until <= time.now() or is_news(document) or Status(document["status"]).is_final:
        return document
    with ports.waits.place(user_id) as may_wait:
        if may_wait:
            return wait_for_change(document, is_news, until=until, time=time, eyes=eyes)
    log.event("status.not_waited", subject=log.Subject(job_id=job_id, user_id=user_id))
    return document


def answer(document: Document, known: str | None, *, now: datetime, ports: Ports) -> Response:
    """Return the job, or 304 if the client knows this state; never 304 for a stale document."""
    headers = {"ETag": entity_tag(document)}
    if not Status(document["status"]).is_final:
        headers["Retry-After"] = str(look_again_seconds(document, now))
    if known is not None and is_known(document, known) and not document.get("stale"):
        return Response(HTTPStatus.NOT_MODIFIED, {}, headers)
    return Response(200, view(document, now=now, sign=ports.sign, link_seconds=ports.link_seconds), headers)


def owned(document: Document | None, user_id: str) -> Document:
    """Return a user's own document. Raises JobNotFound for another user's, for none, and for a tombstone."""
    if document is None or is_tombstone(document) or document["userId"] != user_id:
        raise JobNotFound("There is no such job.")
    return document


def find(job_id: str, ports: Ports) -> Document | None:
    """Find a job's document or tombstone, the fastest store first.

    The table is trusted for terminal states, unless there was a restore in between.
    """
    cached = ports.cache.status(job_id)
    _count_hit(cached is not None)
    if cached is not None:
        return cached
    kept = ports.projection.read(job_id)
    is_end = kept is not None and (is_tombstone(kept) or Status(kept["status"]).is_final)
    if kept is not None and is_end and ports.cache.remember_status(kept, is_of_row=False):
        return kept
    try:
        job = ports.records.find(job_id)
    except Unavailable as error:
        log.degraded("database", error.__cause__ or error, subject=log.Subject(job_id=job_id))
        if kept is None:
            raise
        return kept | {
            "stale": True
        }  # the newest document available; not cached, because PostgreSQL may have a newer one
    return None if job is None else _filled(job, kept, ports)


def _filled(job: Job, kept: Document | None, ports: Ports) -> Document:
    """Write the document to the faster stores that lack it."""
    document = job.document()
    if kept is not None and kept["revision"] >= document["revision"]:
        ports.cache.remember_status(document)
    else:
        ports.projection.show(job)
    return document


def _count_hit(hit: bool) -> None:
    log.event("status.cache", level="DEBUG", metrics=[log.Metric("CacheHitRate", 100.0 if hit else 0.0, "Percent")])

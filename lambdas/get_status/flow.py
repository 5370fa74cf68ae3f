"""Answer what a job's status is: from the cache, else the job table, else PostgreSQL; the faster ones are filled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mediagen import log
from mediagen.edge import Request, Response
from mediagen.ids import is_job_id
from mediagen.jobs import Document, Job
from mediagen.refusals import InvalidJobId, JobNotFound, Unavailable
from mediagen.states import Status

LOOK_AGAIN_SECONDS = 2


class Cache(Protocol):
    """The fastest picture of a job."""

    def status(self, job_id: str) -> Document | None:
        """Read a document."""

    def remember_status(self, document: Document) -> None:
        """Keep a document unless a newer one is kept."""


class Records(Protocol):
    """The truth."""

    def find(self, job_id: str) -> Job | None:
        """Read a job."""


class Projection(Protocol):
    """The job table's picture of a job."""

    def read(self, job_id: str) -> Document | None:
        """Read a document; None also when the table is away."""

    def show(self, job: Job) -> None:
        """Show it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What answering a status needs. `sign` makes a link from a key of the media bucket."""

    cache: Cache
    records: Records
    projection: Projection
    sign: Callable[[str], str]
    link_seconds: int


def get_status(request: Request, *, ports: Ports) -> Response:
    """Answer the status of one of the caller's jobs."""
    user_id, job_id = request.caller(), request.path.get("jobId", "")
    if not is_job_id(job_id):
        raise InvalidJobId("The job id is not a UUID of version 7 in lower case.")
    document = find(job_id, ports)
    if document is None or document["userId"] != user_id:
        raise JobNotFound("There is no such job.")
    return shown(document, ports)


def find(job_id: str, ports: Ports) -> Document | None:
    """Look for a job's document, in the fastest store first. The table's word is final only where the job is."""
    cached = ports.cache.status(job_id)
    _count_hit(cached is not None)
    if cached is not None:
        return cached
    kept = ports.projection.read(job_id)
    if kept is not None and Status(kept["status"]).is_final:
        ports.cache.remember_status(kept)
        return kept
    try:
        job = ports.records.find(job_id)
    except Unavailable:
        if kept is None:
            raise
        return kept  # the newest that anybody knows; not cached, since the truth may be newer
    return None if job is None else _filled(job, kept, ports)


def _filled(job: Job, kept: Document | None, ports: Ports) -> Document:
    """Fill the faster stores with what they miss."""
    document = job.document()
    if kept is not None and kept["revision"] >= job.revision:
        ports.cache.remember_status(document)
    else:
        ports.projection.show(job)
    return document


def shown(document: Document, ports: Ports) -> Response:
    """Write the public view: without the owner and internal ids, with links instead of keys."""
    hidden = {"userId", "revision", "replicateId", "outputs"}
    body = {name: value for name, value in document.items() if name not in hidden}
    body["outputs"] = [
        {name: value for name, value in output.items() if name != "key"}
        | {"url": ports.sign(output["key"]), "urlExpiresInSeconds": ports.link_seconds}
        for output in document["outputs"]
    ]
    running = not Status(document["status"]).is_final
    return Response(200, body, {"Retry-After": str(LOOK_AGAIN_SECONDS)} if running else {})


def _count_hit(hit: bool) -> None:
    log.event("status.cache", level="DEBUG", metrics=[log.Metric("CacheHitRate", 100.0 if hit else 0.0, "Percent")])

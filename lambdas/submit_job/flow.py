"""Send a job that could not be sent when it was accepted. Messages may come twice; the claim decides who sends.

A canceled job has such a message too: what Replicate has of it by then is stopped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from mediagen import log
from mediagen.catalogue import Model
from mediagen.endings import fail
from mediagen.finding import find_predictions
from mediagen.job_records import Change
from mediagen.projection import subject
from mediagen.refusals import UnknownModel
from mediagen.states import Status
from mediagen.submission import AMBIGUOUS_CHECK, submit
from mediagen.submission import Ports as SubmissionPorts


class Catalogue(Protocol):
    """The models there are."""

    def find(self, media_type: str, model_id: str) -> Model:
        """Return a model. Raises UnknownModel."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What sending a job needs."""

    catalogue: Catalogue
    submission: SubmissionPorts


def submit_job(message: dict[str, Any], *, now: datetime, ports: Ports) -> None:
    """Claim a queued job and hand it to Replicate; a job that is not queued any more is somebody else's."""
    records = ports.submission.records
    job = records.move(message["jobId"], Status.SUBMITTING, Change("submit", AMBIGUOUS_CHECK), now=now)
    if job is None:
        take_back(message["jobId"], ports=ports)
        return
    if now >= job.deadline_at:
        _give_up(job.id, "deadline_exceeded", now=now, ports=ports)
        return
    try:
        model = ports.catalogue.find(job.media_type, job.model_id)
    except UnknownModel:  # taken out of the catalogue while the job waited
        _give_up(job.id, "model_unavailable", now=now, ports=ports)
        return
    submit(job, model, now=now, ports=ports.submission)


def take_back(job_id: str, *, ports: Ports) -> None:
    """Stop what Replicate has of a job that was canceled before anybody knew; any other job is somebody else's."""
    job = ports.submission.records.find_any(job_id)
    if job is None or job.status is not Status.CANCELED:
        log.event("submission.not_ours", subject=log.Subject(job_id=job_id))
        return
    provider = ports.submission.provider
    found = {"id": job.replicate_id} if job.replicate_id else find_predictions([job], provider).get(job.id)
    if found:
        provider.cancel(found["id"])
    log.event("submission.taken_back", subject=subject(job), metadata={"replicateId": found and found["id"]})


def _give_up(job_id: str, code: str, *, now: datetime, ports: Ports) -> None:
    fail(job_id, code, now=now, records=ports.submission.records, screen=ports.submission.screen)

"""Send the jobs that could not be sent when they were accepted. A message is a turn: which job is sent, is decided when
it comes, so that users are served in turn, and each user's jobs as they were accepted. One too many does no harm.

A message with `sentAt` is of a job that was canceled after it was sent: what Replicate has of it is stopped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mediagen import log
from mediagen.errors.refusals import UnknownModel
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import fail
from mediagen.lifecycle.prediction_lookup import find_prediction
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK, send_turn, submit
from mediagen.lifecycle.submit import Ports as SubmissionPorts
from mediagen.models.catalogue import Catalogue, Model
from mediagen.times import parse_optional_timestamp

ENDED_AT_ONCE = 20  # jobs that waited too long, which use no slot


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of submitting queued jobs."""

    catalogue: Catalogue
    submission: SubmissionPorts
    known_predictions: Callable[[Sequence[str]], set[str]]  # predictions that belong to our jobs


def submit_job(message: dict[str, Any], *, now: datetime, ports: Ports) -> None:
    """Use a dispatch slot, if it is due: submit the job that is next."""
    job_id, turn_at = message["jobId"], datetime.fromtimestamp(message.get("turnAt", 0), UTC)
    if turn_at > now:  # later than the queue's longest delay
        send_turn(job_id, turn_at, now=now, ports=ports.submission)
        return
    job = ports.submission.records.find_any(job_id)
    sent_at = parse_optional_timestamp(message.get("sentAt"))
    if sent_at and job and job.status is Status.CANCELED:
        take_back(job, sent_at, ports=ports)
    elif (job and job.status is Status.QUEUED) or ports.submission.records.has_queued():
        take_turn(job_id, now=now, ports=ports)
    else:
        log.event("submission.skipped", subject=log.Subject(job_id=job_id))


def take_turn(job_id: str, *, now: datetime, ports: Ports) -> None:
    """Ask for a dispatch slot and submit one job; without a slot, queue the message again."""
    turn = ports.submission.pace.ask(now)
    if turn.ask_at:
        send_turn(job_id, turn.ask_at, now=now, ports=ports.submission)
        return
    for _ in range(ENDED_AT_ONCE):
        job = ports.submission.records.take_turn(Change("submit", AMBIGUOUS_CHECK), now=now)
        if job is None:
            log.event("submission.skipped", subject=log.Subject(job_id=job_id))
            return
        model = sendable(job, now=now, ports=ports)
        if model:
            submit(job, model, turn, now=now, ports=ports.submission)
            return
    send_turn(job_id, now, now=now, ports=ports.submission)


def sendable(job: Job, *, now: datetime, ports: Ports) -> Model | None:
    """Return the model of a job; None if the job waited too long or its model was removed, and it has failed."""
    model, code = None, "deadline_exceeded"
    if now < job.deadline_at:
        try:
            model = ports.catalogue.find(job.media_type, job.model_id)
        except UnknownModel:  # removed from the catalogue while the job waited
            code = "model_unavailable"
    if model is None:
        fail(job.id, code, now=now, records=ports.submission.records, screen=ports.submission.screen)
    return model


def take_back(job: Job, sent_at: datetime, *, ports: Ports) -> None:
    """Cancel the prediction of a job that was canceled before its create call was answered."""
    provider = ports.submission.provider
    known = {"id": job.replicate_id} if job.replicate_id else None
    ours = ports.known_predictions
    until = max(sent_at, job.epoch or sent_at)  # after a restore, PostgreSQL does not know when the job was sent
    found = known or find_prediction(job, provider, start=sent_at, end=until + AMBIGUOUS_CHECK, known_predictions=ours)
    if found:
        provider.cancel(found["id"])
    log.event("submission.taken_back", subject=job.subject, metadata={"replicateId": found and found["id"]})

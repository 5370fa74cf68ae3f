"""Find out what the webhooks missed. Mandatory: webhooks are retried for about a minute, and results are deleted after
an hour. Results found here go into the same queues as everything else, so that one code path finishes jobs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from check_replicate_status.absence import Records as AbsenceEvidence
from check_replicate_status.absence import prove_absence, with_same_account
from check_replicate_status.asking import Answers, Provider, ask_replicate
from check_replicate_status.due_callbacks import Callbacks, send_due
from check_replicate_status.due_turns import Pace, send_turns
from check_replicate_status.due_turns import Queue as QueueOfTurns
from check_replicate_status.due_turns import Records as WaitingRecords
from check_replicate_status.logged_progress import logged_percent
from check_replicate_status.repairing import Records as RepairRecords
from check_replicate_status.repairing import Repair, Table, repair
from mediagen import log
from mediagen.edge import attempt
from mediagen.endings import FREE, Screen, fail
from mediagen.endings import Records as EndingRecords
from mediagen.erasing import Ports as ErasingPorts
from mediagen.erasing import erase_what_is_left
from mediagen.jobs import Job
from mediagen.projection import subject
from mediagen.records.jobs import Change
from mediagen.replicate import Prediction
from mediagen.results import result_message
from mediagen.states import Status, is_final_at_replicate
from mediagen.submission import LOST_MESSAGE_CHECK, WEBHOOK_GRACE, Queue
from mediagen.times import told_moment

BATCH = 100  # jobs looked at in one run; the schedule comes every five minutes
AGAIN_IN = timedelta(minutes=4)  # so that a job is looked at in the next run, whatever the seconds
FORGOTTEN = timedelta(hours=1)  # after the completion, or else the deadline, Replicate deletes files and prediction
STORING = timedelta(minutes=15)  # a worker may still be copying a result that it began to copy within that hour
IN_DANGER = timedelta(minutes=30)  # half of Replicate's hour is over and the media is not copied

LOST_AS = {"succeeded": "media_expired", "failed": "generation_failed"}


class Records(EndingRecords, WaitingRecords, RepairRecords, Protocol):
    """The truth, as far as overdue jobs go."""

    def claim_overdue(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Job]:
        """Take overdue jobs that nobody else is looking at; queued ones when their deadline has passed."""

    def count_queued(self) -> int:
        """Count the jobs that wait for their turn."""

    def note_progress(self, job_id: str, percent: int) -> Job | None:
        """Note how far a running job is."""


class Absences(AbsenceEvidence, Protocol):
    """What was seen, and not seen, at Replicate."""

    def known_predictions(self, ids: Sequence[str]) -> set[str]:
        """Return those ids of predictions that belong to one of our jobs."""


class Claims(Protocol):
    """The idempotency keys, as far as they end."""

    def forget(self, *, now: datetime) -> None:
        """Delete those whose time is over."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What looking after jobs needs."""

    records: Records
    absences: Absences
    provider: Provider
    submissions: QueueOfTurns
    pace: Pace
    webhooks: Queue
    screen: Screen
    table: Table
    claims: Claims
    callbacks: Callbacks
    callback_queue: Queue
    erasing: ErasingPorts


def check_replicate_status(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> dict[str, int]:
    """Look after every overdue job, then repair what the job table shows; returns counts."""
    jobs = ports.records.claim_overdue(now=now, again_in=AGAIN_IN, limit=BATCH)
    answers = ask(jobs, now=now, seconds_left=seconds_left, ports=ports)
    for job in jobs:
        attempt("overdue_job", lambda: settle(job, answers, now=now, ports=ports), subject=subject(job))  # noqa: B023
    attempt("waiting_jobs", lambda: _send_turns(now=now, seconds_left=seconds_left, ports=ports))
    danger = sum(is_in_danger(answers.predictions.get(job.id), now) for job in jobs)
    queued = ports.records.count_queued()
    repaired = repair(Repair(now, seconds_left, ports.records, ports.table, ports.screen))
    counts = {"overdue": len(jobs), "inDanger": danger, "queued": queued, "repaired": repaired}
    metrics = [
        log.Metric("JobsOverdue", len(jobs)),
        log.Metric("JobsInDanger", danger),
        log.Metric("JobsQueued", queued),
    ]
    log.event("check.done", metadata=counts, metrics=metrics)
    attempt("idempotency_keys", lambda: ports.claims.forget(now=now))
    attempt("callbacks", lambda: _send_callbacks(now=now, seconds_left=seconds_left, ports=ports))
    attempt("deletions", lambda: erase_what_is_left(now=now, seconds_left=seconds_left, ports=ports.erasing))
    return counts


def ask(jobs: Sequence[Job], *, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> Answers:
    """Ask Replicate about jobs; of those that it did not show, only those remain `absent` whose absence is proven."""
    if not jobs:
        return Answers()

    def read() -> Answers:
        known = ports.absences.known_predictions
        return ask_replicate(jobs, provider=ports.provider, seconds_left=seconds_left, known_predictions=known)

    answers, account = with_same_account(read, ports.provider)
    if account:
        ports.absences.note_account(account, has_our_predictions=bool(answers.predictions), now=now)
    absent = [job for job in jobs if job.id in answers.absent]
    answers.absent = prove_absence(absent, account, now=now, records=ports.absences)
    return answers


def _send_turns(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> None:
    records, pace, queue = ports.records, ports.pace, ports.submissions
    sent = send_turns(now=now, seconds_left=seconds_left, records=records, pace=pace, queue=queue)
    if sent:
        log.event("turns.sent", metadata={"due": sent})


def _send_callbacks(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> None:
    sent = send_due(now=now, seconds_left=seconds_left, callbacks=ports.callbacks, queue=ports.callback_queue)
    if sent:
        log.event("callbacks.sent", metadata={"due": sent})


def settle(job: Job, answers: Answers, *, now: datetime, ports: Ports) -> None:
    """Do what is due for one job."""
    prediction = answers.predictions.get(job.id)
    if is_lost(job, prediction, now):
        _give_up(job, prediction, now=now, ports=ports)
    elif prediction is not None:
        _settle_known(job, prediction, now=now, ports=ports)
    elif now >= job.deadline_at:
        _settle_late(job, answers, now=now, ports=ports)
    elif job.id in answers.absent:
        _send_again(job, now=now, ports=ports)


def is_lost(job: Job, prediction: Prediction | None, now: datetime) -> bool:
    """Return whether it is too late for the usual way: Replicate has deleted the result, or will never tell of one."""
    if now >= job.deadline_at + FORGOTTEN:
        return True
    is_final = prediction is not None and is_final_at_replicate(prediction["status"])
    completed = told_moment((prediction or {}).get("completed_at")) if is_final else None
    return completed is not None and now >= completed + FORGOTTEN + STORING


def is_in_danger(prediction: Prediction | None, now: datetime) -> bool:
    """Tell whether a result has been waiting for so long that Replicate will soon delete it."""
    completed = told_moment((prediction or {}).get("completed_at"))
    return completed is not None and now - completed > IN_DANGER


def _settle_known(job: Job, prediction: Prediction, *, now: datetime, ports: Ports) -> None:
    if is_final_at_replicate(prediction["status"]):
        ports.webhooks.send(result_message(prediction, now) | {"jobId": job.id})
    elif now >= job.deadline_at:
        attempt("upstream_cancel", lambda: ports.provider.cancel(prediction["id"]), subject=subject(job))
        cost = job.estimated_cost  # Replicate charges runs that are canceled
        fail(job.id, "deadline_exceeded", now=now, records=ports.records, screen=ports.screen, cost=cost)
    elif job.status is Status.SUBMITTING:  # the create call's answer was lost: the job is running
        rest = timedelta(seconds=job.estimated_seconds) + WEBHOOK_GRACE
        change = Change("found_at_replicate", rest, replicate_id=prediction["id"])
        moved = ports.records.move(job.id, Status.PROCESSING, change, now=now)
        if moved:
            ports.screen.show(moved)
    else:
        _note_progress(job, prediction, ports)


def _note_progress(job: Job, prediction: Prediction, ports: Ports) -> None:
    """Keep how far the logs say a job is that takes longer than estimated: time tells nothing about it any more."""
    percent = logged_percent(prediction.get("logs"))
    noted = None if percent is None else ports.records.note_progress(job.id, percent)
    if noted:
        ports.screen.show(noted)


def _settle_late(job: Job, answers: Answers, *, now: datetime, ports: Ports) -> None:
    """End a job whose deadline has passed, once it is sure that no result of it is waiting."""
    if job.status is Status.QUEUED or job.id in answers.absent:
        fail(job.id, "deadline_exceeded", now=now, records=ports.records, screen=ports.screen)


def _give_up(job: Job, prediction: Prediction | None, *, now: datetime, ports: Ports) -> None:
    """End a job that the usual way did not end. This last resort uses nothing of the prediction but id and status."""
    status = (prediction or {}).get("status")
    code = LOST_AS.get(str(status), "deadline_exceeded")
    if prediction is None and job.status is not Status.QUEUED:
        code = "outcome_unknown"  # possibly billed
    is_running = prediction is not None and not is_final_at_replicate(status)
    if prediction is not None and is_running:
        attempt("upstream_cancel", lambda: ports.provider.cancel(prediction["id"]), subject=subject(job))
    cost = job.estimated_cost if is_running or status == "canceled" else FREE  # Replicate charges canceled runs
    fail(job.id, code, now=now, records=ports.records, screen=ports.screen, cost=cost)


def _send_again(job: Job, *, now: datetime, ports: Ports) -> None:
    """Queue a job that Replicate does not have: its absence is proven by the complete list of that time."""
    moved = ports.records.move(job.id, Status.QUEUED, Change("absence_proven", LOST_MESSAGE_CHECK), now=now)
    if moved:
        ports.submissions.send({"jobId": job.id})
        ports.screen.show(moved)

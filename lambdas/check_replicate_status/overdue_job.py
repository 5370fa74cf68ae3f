"""What is due for one overdue job, by what Replicate answered about it. A result found here goes into the same queue as
a webhook's, so that one code path finishes jobs."""

from datetime import datetime, timedelta

from check_replicate_status.asking import Answers
from check_replicate_status.logged_progress import logged_percent
from check_replicate_status.ports import Ports
from mediagen.degraded import degraded
from mediagen.jobs.job import Job
from mediagen.jobs.results import result_message
from mediagen.jobs.state import Status, is_final_at_replicate
from mediagen.jobs.transition import Change
from mediagen.lifecycle.completion import FREE, fail
from mediagen.lifecycle.submit import LOST_MESSAGE_CHECK, WEBHOOK_GRACE
from mediagen.replicate.client import Prediction
from mediagen.times import parse_optional_timestamp

FORGOTTEN = timedelta(hours=1)  # after the completion, or else the deadline, Replicate deletes files and prediction
STORING = timedelta(minutes=15)  # a worker may still be copying a result that it began to copy within that hour
IN_DANGER = timedelta(minutes=30)  # half of Replicate's hour is over and the media is not copied

LOST_AS = {"succeeded": "media_expired", "failed": "generation_failed"}


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


def has_result(job: Job, prediction: Prediction | None, now: datetime) -> bool:
    """Return whether a job's prediction is final and its result may still exist."""
    is_final = prediction is not None and is_final_at_replicate(prediction["status"])
    return is_final and not is_lost(job, prediction, now)


def is_lost(job: Job, prediction: Prediction | None, now: datetime) -> bool:
    """Return whether the usual path is too late: Replicate has deleted the result, or will never report one.

    After a restore each job has an hour for the usual path, unless Replicate has deleted a file.
    """
    if now >= max(job.deadline_at, job.epoch or job.deadline_at) + FORGOTTEN:
        return True
    status = (prediction or {}).get("status")
    has_deadline = status == "succeeded" if job.is_restored else is_final_at_replicate(status)
    completed = parse_optional_timestamp((prediction or {}).get("completed_at")) if has_deadline else None
    return completed is not None and now >= completed + FORGOTTEN + STORING


def is_in_danger(prediction: Prediction | None, now: datetime) -> bool:
    """Return whether a result has waited so long that Replicate will soon delete it."""
    completed = parse_optional_timestamp((prediction or {}).get("completed_at"))
    return completed is not None and now - completed > IN_DANGER


def _settle_known(job: Job, prediction: Prediction, *, now: datetime, ports: Ports) -> None:
    if is_final_at_replicate(prediction["status"]):
        ports.webhooks.send(result_message(prediction, now) | {"jobId": job.id})
    elif now >= job.deadline_at:
        _stop(job, prediction, now=now, ports=ports)
    elif job.status is Status.SUBMITTING:  # the create call's answer was lost: the job is running
        rest = timedelta(seconds=job.estimated_seconds) + WEBHOOK_GRACE
        change = Change("found_at_replicate", rest, replicate_id=prediction["id"])
        moved = ports.records.move(job.id, Status.PROCESSING, change, now=now)
        if moved:
            ports.screen.show(moved)
    else:
        _note_progress(job, prediction, ports)


def _stop(job: Job, prediction: Prediction, *, now: datetime, ports: Ports) -> None:
    """Cancel a prediction at the job's deadline. If the answer shows that it had finished before, keep its result."""
    answer: Prediction | None = None
    with degraded("upstream_cancel", subject=job.subject):
        answer = ports.provider.cancel(prediction["id"])
    if answer and answer["status"] != "canceled" and is_final_at_replicate(answer["status"]):
        ports.webhooks.send(result_message(answer, now) | {"jobId": job.id})
        return
    cost = job.estimated_cost  # Replicate charges runs that are canceled
    fail(job.id, "deadline_exceeded", now=now, records=ports.records, screen=ports.screen, cost=cost)


def _note_progress(job: Job, prediction: Prediction, ports: Ports) -> None:
    """Record the logged progress of a job that takes longer than estimated: time says nothing about it any more."""
    percent = logged_percent(prediction.get("logs"))
    noted = None if percent is None else ports.records.note_progress(job.id, percent)
    if noted:
        ports.screen.show(noted)


def _settle_late(job: Job, answers: Answers, *, now: datetime, ports: Ports) -> None:
    """Fail a job past its deadline, once it is certain that no result is waiting."""
    if job.status is Status.QUEUED or job.id in answers.absent:
        fail(job.id, "deadline_exceeded", now=now, records=ports.records, screen=ports.screen)


def _give_up(job: Job, prediction: Prediction | None, *, now: datetime, ports: Ports) -> None:
    """Fail a job that the usual path did not complete. This last resort uses only the prediction's id and status."""
    status = (prediction or {}).get("status")
    code = LOST_AS.get(str(status), "deadline_exceeded")
    if prediction is None and job.status is not Status.QUEUED:
        code = "outcome_unknown"  # possibly billed
    is_running = prediction is not None and not is_final_at_replicate(status)
    if prediction is not None and is_running:
        with degraded("upstream_cancel", subject=job.subject):
            ports.provider.cancel(prediction["id"])
    cost = job.estimated_cost if is_running or status == "canceled" else FREE  # Replicate charges canceled runs
    fail(job.id, code, now=now, records=ports.records, screen=ports.screen, cost=cost)


def _send_again(job: Job, *, now: datetime, ports: Ports) -> None:
    """Queue a job whose absence at Replicate is proven."""
    moved = ports.records.move(job.id, Status.QUEUED, Change("absence_proven", LOST_MESSAGE_CHECK), now=now)
    if moved:
        ports.submissions.send({"jobId": job.id})
        ports.screen.show(moved)

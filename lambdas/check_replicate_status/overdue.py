"""Settle the jobs that no webhook completed, while time is left. Every accepted job may be overdue at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from check_replicate_status.absence import prove_absence, with_same_account
from check_replicate_status.asking import Answers, ask_replicate
from check_replicate_status.overdue_job import has_result, is_in_danger, settle
from check_replicate_status.ports import Ports
from check_replicate_status.stored_results import complete_from_bucket
from mediagen.aws.queue import AT_ONCE
from mediagen.degraded import degraded
from mediagen.jobs.job import Job
from mediagen.lifecycle.backlog import batches

BATCH = 500  # jobs: 13 s of reads at the most that we ask of Replicate
AGAIN_IN = timedelta(minutes=4)  # so that the next run checks the job again, whatever the seconds
RESULT_AGAIN_IN = timedelta(minutes=9)  # a queued result is worked on meanwhile; every second run sends it again
OTHER_WORK = 1 / 4  # of a run's time, kept for all but the overdue jobs


def look_after_overdue(
    *, now: datetime, clock: Callable[[], datetime], seconds_left: Callable[[], float], ports: Ports
) -> int:
    """Settle the jobs that are overdue when a run starts. Returns how many results are in danger."""
    kept = OTHER_WORK * seconds_left()
    danger = 0

    def has_time() -> bool:
        return seconds_left() > kept

    def claim_sent() -> list[Job]:
        return ports.records.claim_overdue(now=now, again_in=AGAIN_IN, limit=BATCH)

    def claim_unsent() -> list[Job]:
        return ports.records.claim_past_deadline(now=now, again_in=AGAIN_IN, limit=BATCH)

    for claimed in batches(claim_sent, full=BATCH, has_time=has_time):
        jobs = complete_from_bucket(claimed, now=now, ports=ports)
        answers = ask(jobs, now=now, clock=clock, seconds_left=lambda: seconds_left() - kept, ports=ports)
        danger += sum(is_in_danger(answers.predictions.get(job.id), now) for job in jobs)
        settle_all(jobs, answers, now=now, has_time=has_time, ports=ports)
        if answers.is_silent:  # the jobs that are not claimed yet stay first in the next run
            break
    for unsent in batches(claim_unsent, full=BATCH, has_time=has_time):
        settle_all(unsent, Answers(), now=now, has_time=has_time, ports=ports)
    return danger


def ask(
    jobs: Sequence[Job],
    *,
    now: datetime,
    clock: Callable[[], datetime],
    seconds_left: Callable[[], float],
    ports: Ports,
) -> Answers:
    """Ask Replicate about jobs. Of the jobs it did not show, only those with proven absence remain `absent`."""
    began = clock()

    def read() -> Answers:
        known = ports.absences.known_predictions
        return ask_replicate(jobs, provider=ports.provider, seconds_left=seconds_left, known_predictions=known)

    answers, account = with_same_account(read, ports.provider)
    if answers.foreign:
        ports.absences.note_foreign(sorted(answers.foreign), now=now)
    if account:
        ports.absences.note_account(account, has_our_predictions=bool(answers.predictions), now=now)
    absent = [job for job in jobs if job.id in answers.absent]
    answers.absent = prove_absence(
        absent, account, began=began, ended=clock(), records=ports.absences, token_replaced_at=ports.token_replaced_at
    )
    return answers


def settle_all(
    jobs: Sequence[Job], answers: Answers, *, now: datetime, has_time: Callable[[], bool], ports: Ports
) -> None:
    """Settle jobs while there is time. Results are sent in parallel, because they need no database."""

    def settled(job: Job) -> bool:
        if not has_time():
            return False
        with degraded("overdue_job", subject=job.subject) as settling:
            settle(job, answers, now=now, ports=ports)
        return settling.succeeded

    ready = {job.id for job in jobs if has_result(job, answers.predictions.get(job.id), now)}
    results = [job for job in jobs if job.id in ready]
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        sent = [job.id for job, is_sent in zip(results, pool.map(settled, results), strict=True) if is_sent]
    finally:
        pool.shutdown(cancel_futures=True)
    if sent:
        with degraded("overdue_jobs"):
            ports.records.postpone(sent, check_at=now + RESULT_AGAIN_IN)
    for job in jobs:
        if job.id not in ready:
            settled(job)

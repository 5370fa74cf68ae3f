"""Ask Replicate about many jobs in parallel, within the time that is left. A missing answer proves nothing."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from check_replicate_status.restored_list import list_since_restore
from mediagen import log
from mediagen.jobs.job import Job
from mediagen.jobs.results import job_id_of
from mediagen.jobs.state import Status
from mediagen.lifecycle.prediction_lookup import Listing, read_listing
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK
from mediagen.replicate.client import AT_ONCE, Prediction, Replicate, ReplicateUnavailable

TOGETHER = timedelta(minutes=1)  # with what is before and after, 4,200 predictions at most: 42 pages
RESERVE_SECONDS = 8.0  # kept for the steps that follow: the database, two queues and the job table


@dataclass(slots=True)
class Answers:
    """What Replicate said: predictions by our job id; and jobs that a complete reading did not show: every prediction
    of the time in which they were sent was listed, and is somebody else's.

    `foreign` has ids of predictions that were read and carry no webhook of ours; `is_silent` says that Replicate was
    asked, and answered nothing at all.
    """

    predictions: dict[str, Prediction] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    is_silent: bool = False


def ask_replicate(
    jobs: Sequence[Job],
    *,
    provider: Replicate,
    seconds_left: Callable[[], float],
    known_predictions: Callable[[Sequence[str]], set[str]],
) -> Answers:
    """Read the predictions of running jobs, and search for those of jobs whose submission is in doubt.

    `known_predictions` returns which ids of predictions belong to jobs or are foreign: they are not read.
    """
    running = [job for job in jobs if job.status is Status.PROCESSING and job.replicate_id]
    in_doubt = [job for job in jobs if job.status is Status.SUBMITTING]
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        reads = [pool.submit(_read, job, provider) for job in running]
        restored = [job for job in in_doubt if job.sent_until > job.updated_at]
        others = [job for job in in_doubt if job.sent_until == job.updated_at]
        lists = [pool.submit(_list, group, provider) for group in sent_together(others)]
        lists += [pool.submit(list_since_restore, restored, provider)] if restored else []
        answers, answered = Answers(), _answered(reads, seconds_left)
        for read in answered:
            answers.predictions |= read
        listings = _answered(lists, seconds_left)
        answers.is_silent = bool(reads or lists) and not (answered or listings)
        answers.foreign = _attribute(listings, pool, provider, seconds_left, known_predictions)
        for listing in listings:
            answers.predictions |= listing.found
            answers.absent |= listing.absent
        return answers
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def sent_together(jobs: Sequence[Job]) -> list[list[Job]]:
    """Group jobs by the minute in which they were sent, oldest first: after an hour the whole list has 300 pages."""
    groups: list[list[Job]] = []
    for job in sorted(jobs, key=lambda job: job.updated_at):
        if not groups or job.updated_at - groups[-1][0].updated_at > TOGETHER:
            groups.append([])
        groups[-1].append(job)
    return groups


def _read(job: Job, provider: Replicate) -> dict[str, Prediction]:
    """Read the prediction of a running job. A 404 counts as no answer: the job may still succeed."""
    prediction = provider.get(str(job.replicate_id))
    if prediction is None:
        metadata = {"replicateId": job.replicate_id}
        log.event("prediction.not_found", level="WARNING", subject=log.Subject(job_id=job.id), metadata=metadata)
        return {}
    return {job.id: prediction}


def _list(group: Sequence[Job], provider: Replicate) -> Listing:
    """List the predictions of the time in which the jobs were sent: a `submitting` job has not changed since."""
    return read_listing(group, provider, start=group[0].updated_at, end=group[-1].updated_at + AMBIGUOUS_CHECK)


def _attribute(
    listings: list[Listing],
    pool: ThreadPoolExecutor,
    provider: Replicate,
    seconds_left: Callable[[], float],
    known_predictions: Callable[[Sequence[str]], set[str]],
) -> set[str]:
    """Attribute items without a webhook by their ids, otherwise by reading each. Returns the foreign ones."""
    unattributed = sorted({each for listing in listings for each in listing.unattributed})
    known = known_predictions(unattributed)
    reads = [pool.submit(provider.get, each) for each in unattributed if each not in known]
    whole = [prediction for prediction in _answered(reads, seconds_left) if prediction is not None]
    for listing in listings:
        for each in known & listing.unattributed.keys():
            del listing.unattributed[each]
        for prediction in whole:
            if prediction["id"] in listing.unattributed:
                listing.add(prediction)
    return {each["id"] for each in whole if each.get("webhook") and job_id_of(each) is None}


def _answered[T](asked: Iterable[Future[T]], seconds_left: Callable[[], float]) -> list[T]:
    """Collect the answers that arrive in time. The next run asks again for the others."""
    asked = list(asked)
    wait(asked, timeout=max(0.0, seconds_left() - RESERVE_SECONDS))
    return [future.result() for future in asked if _is_answered(future)]


def _is_answered[T](future: Future[T]) -> bool:
    if not future.done() or future.cancelled():
        return False
    error = future.exception()
    if isinstance(error, ReplicateUnavailable):
        log.degraded("replicate", error)
    elif error:
        raise error
    return error is None

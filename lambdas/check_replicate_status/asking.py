"""Ask Replicate about many jobs at once, within the time that is left. Only answers count; silence proves nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from mediagen import log
from mediagen.finding import Provider as SearchedProvider
from mediagen.finding import find_predictions
from mediagen.jobs import Job
from mediagen.replicate import AT_ONCE, Prediction, ReplicateUnavailable
from mediagen.states import Status
from mediagen.submission import AMBIGUOUS_CHECK

TOGETHER = timedelta(minutes=1)  # with what is before and after, 4,200 predictions at most: 42 pages
RESERVE_SECONDS = 8.0  # kept for what follows: the database, two queues and the job table


class Provider(SearchedProvider, Protocol):
    """Replicate, as far as it is asked."""

    def cancel(self, prediction_id: str) -> Prediction | None:
        """Cancel a prediction. Raises ReplicateUnavailable."""


@dataclass(slots=True)
class Answers:
    """What Replicate said: predictions by our job id; and jobs that it never had: the list of all predictions of the
    time in which they were sent was read to its end."""

    predictions: dict[str, Prediction] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)


def ask_replicate(jobs: Sequence[Job], *, provider: Provider, seconds_left: Callable[[], float]) -> Answers:
    """Read the predictions of the running jobs, and look for those of the jobs whose submission is in doubt."""
    running = {job.id: job.replicate_id for job in jobs if job.status is Status.PROCESSING and job.replicate_id}
    in_doubt = [job for job in jobs if job.status is Status.SUBMITTING]
    answers = Answers()
    pool = ThreadPoolExecutor(AT_ONCE)
    reads = {job_id: pool.submit(_read, job_id, replicate_id, provider) for job_id, replicate_id in running.items()}
    searches = [(group, pool.submit(_search, group, provider)) for group in sent_together(in_doubt)]
    everything: list[Future[Any]] = [*reads.values(), *(search for _, search in searches)]
    wait(everything, timeout=max(0.0, seconds_left() - RESERVE_SECONDS))
    pool.shutdown(wait=False, cancel_futures=True)
    for read in reads.values():
        if _is_answered(read):
            answers.predictions |= read.result()
    for group, search in searches:
        if _is_answered(search):
            answers.predictions |= search.result()
            answers.absent |= {job.id for job in group} - search.result().keys()
    return answers


def sent_together(jobs: Sequence[Job]) -> list[list[Job]]:
    """Group jobs by the minute in which they were sent, oldest first: after an hour, the whole list has 300 pages."""
    groups: list[list[Job]] = []
    for job in sorted(jobs, key=lambda job: job.updated_at):
        if not groups or job.updated_at - groups[-1][0].updated_at > TOGETHER:
            groups.append([])
        groups[-1].append(job)
    return groups


def _read(job_id: str, replicate_id: str, provider: Provider) -> dict[str, Prediction]:
    """Read the prediction of a running job. A 404 is no answer: it may be wrong, and the job may still succeed."""
    prediction = provider.get(replicate_id)
    if prediction is None:
        metadata = {"replicateId": replicate_id}
        log.event("prediction.not_found", level="WARNING", subject=log.Subject(job_id=job_id), metadata=metadata)
        return {}
    return {job_id: prediction}


def _search(group: Sequence[Job], provider: Provider) -> dict[str, Prediction]:
    """Look for predictions of jobs where they must be: a `submitting` job has not changed since it was sent."""
    start, end = group[0].updated_at, group[-1].updated_at + AMBIGUOUS_CHECK
    return find_predictions(group, provider, start=start, end=end)


def _is_answered[T](future: Future[T]) -> bool:
    """Tell whether there is an answer; what Replicate could not say is logged and asked again in the next run."""
    if not future.done() or future.cancelled():
        return False
    error = future.exception()
    if isinstance(error, ReplicateUnavailable):
        log.degraded("replicate", error)
    elif error:
        raise error
    return error is None

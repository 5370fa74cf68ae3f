"""Ask Replicate about many jobs at once, within the time that is left. Only answers count; silence proves nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from mediagen import log
from mediagen.finding import Provider as SearchedProvider
from mediagen.finding import find_predictions
from mediagen.jobs import Job
from mediagen.replicate import AT_ONCE, Prediction, ReplicateUnavailable
from mediagen.states import Status

RESERVE_SECONDS = 8.0  # kept for what follows: the database, two queues and the job table


class Provider(SearchedProvider, Protocol):
    """Replicate, as far as it is asked."""

    def cancel(self, prediction_id: str) -> Prediction | None:
        """Cancel a prediction. Raises ReplicateUnavailable."""


@dataclass(slots=True)
class Answers:
    """What Replicate said: predictions by our job id; jobs whose prediction it does not know; and whether the list of
    all predictions since the oldest of the jobs in doubt was read to its end."""

    predictions: dict[str, Prediction] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    is_complete: bool = False


def ask_replicate(jobs: Sequence[Job], *, provider: Provider, seconds_left: Callable[[], float]) -> Answers:
    """Read the predictions of the running jobs, and look for those of the jobs whose submission is in doubt."""
    running = {job.id: job.replicate_id for job in jobs if job.status is Status.PROCESSING and job.replicate_id}
    in_doubt = [job for job in jobs if job.status is Status.SUBMITTING]
    answers = Answers()
    pool = ThreadPoolExecutor(AT_ONCE)
    reads = {job_id: pool.submit(provider.get, replicate_id) for job_id, replicate_id in running.items()}
    search = pool.submit(find_predictions, in_doubt, provider)
    everything: list[Future[Any]] = [*reads.values(), search]
    wait(everything, timeout=max(0.0, seconds_left() - RESERVE_SECONDS))
    pool.shutdown(wait=False, cancel_futures=True)
    for job_id, read in reads.items():
        if _is_answered(read):
            prediction = read.result()
            if prediction is None:
                answers.gone.add(job_id)
            else:
                answers.predictions[job_id] = prediction
    if _is_answered(search):
        answers.predictions |= search.result()
        answers.is_complete = True
    return answers


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

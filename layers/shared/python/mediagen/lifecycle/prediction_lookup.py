"""Find the predictions of jobs whose create call returned no answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediagen import log
from mediagen.jobs.job import Job
from mediagen.jobs.results import job_id_of
from mediagen.replicate.client import Prediction, Replicate, ReplicateUnavailable

CLOCK_SKEW = timedelta(minutes=2)  # allowed between our clocks and Replicate's


@dataclass(slots=True)
class Listing:
    """All predictions of the period in which some jobs were sent.

    `found` has our jobs' predictions by job id. `unattributed` has, by prediction id, items that may belong to our
    jobs: they show no webhook and were not started on Replicate's web site. The absence of a prediction is proven only
    if `unattributed` is empty and the list `is_complete`.
    """

    jobs: Sequence[Job]
    found: dict[str, Prediction] = field(default_factory=dict)
    unattributed: dict[str, Prediction] = field(default_factory=dict)
    is_complete: bool = True

    def add(self, prediction: Prediction) -> None:
        """Attribute a prediction to a job or to another caller, or keep it as unattributed."""
        if prediction.get("webhook"):
            self.unattributed.pop(prediction["id"], None)
            job_id = job_id_of(prediction)
            if job_id in {job.id for job in self.jobs}:
                self.found.setdefault(job_id, prediction)
        elif prediction.get("source") != "web":
            self.unattributed[prediction["id"]] = prediction

    @property
    def absent(self) -> set[str]:
        """The jobs that are certainly not in the list. Empty if an item is unattributed or missing."""
        return set() if self.unattributed or not self.is_complete else {job.id for job in self.jobs} - self.found.keys()


def read_listing(jobs: Sequence[Job], provider: Replicate, *, start: datetime, end: datetime) -> Listing:
    """Read the list of a period to its end, or until all jobs are found. Raises ReplicateUnavailable.

    Jobs found before an error count: a malformed item must not hide them.
    """
    listing = Listing(jobs)
    try:
        for item in provider.created_since(start - CLOCK_SKEW, end + CLOCK_SKEW):
            listing.add(item)
            if len(listing.found) == len(jobs):
                break
    except ReplicateUnavailable as error:
        if not listing.found:
            raise
        log.degraded("replicate", error)
        listing.is_complete = False
    return listing


def find_prediction(
    job: Job,
    provider: Replicate,
    *,
    start: datetime,
    end: datetime,
    known_predictions: Callable[[Sequence[str]], set[str]],
) -> Prediction | None:
    """Find a job's prediction by its webhook URL. Items without one are read, unless they belong to a known job.

    `known_predictions` returns which ids already belong to jobs: nearly all items do. A result of None does not prove
    absence. Raises ReplicateUnavailable.
    """
    listing = read_listing([job], provider, start=start, end=end)
    known = known_predictions(sorted(listing.unattributed)) if not listing.found else set()
    for each in [] if listing.found else sorted(listing.unattributed.keys() - known):
        whole = provider.get(each)
        if whole and job_id_of(whole) == job.id:
            return whole
    return listing.found.get(job.id)

"""Finding at Replicate the predictions of jobs whose create call's answer was lost."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from mediagen.jobs import Job
from mediagen.replicate import Prediction
from mediagen.results import job_id_of

CLOCK_SKEW = timedelta(minutes=2)  # between us and Replicate, on the safe side


class Provider(Protocol):
    """Replicate, as far as it is searched."""

    def get(self, prediction_id: str) -> Prediction | None:
        """Read a prediction. Raises ReplicateUnavailable."""

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        """List predictions. Raises ReplicateUnavailable."""


def find_predictions(
    jobs: Iterable[Job], provider: Provider, *, start: datetime, end: datetime | None = None
) -> dict[str, Prediction]:
    """Find predictions, by job id, through the webhook URL they carry; list items may lack it, then each is read."""
    wanted = {job.id for job in jobs}
    found: dict[str, Prediction] = {}
    for item in provider.created_since(start - CLOCK_SKEW, end and end + CLOCK_SKEW):
        whole = item if item.get("webhook") else provider.get(item["id"]) or item
        job_id = job_id_of(whole)
        if job_id in wanted:
            found.setdefault(job_id, whole)
        if len(found) == len(wanted):
            break
    return found

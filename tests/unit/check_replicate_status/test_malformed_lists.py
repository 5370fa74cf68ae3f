"""A list with a malformed item: the items before it count, but no job is absent."""

from collections.abc import Iterator
from datetime import datetime

from check_replicate_status.asking import Answers
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.state import Status
from mediagen.replicate.client import Prediction, ReplicateUnavailable
from unit.check_replicate_status.test_asking import IN_DOUBT, ask
from unit.samples import JOB_ID, NOW, WEBHOOK, Provider, job, prediction


class Malformed(Provider):
    """A list that fails after a job's prediction."""

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        yield prediction("processing", webhook=WEBHOOK)
        raise ReplicateUnavailable("the answer is not a prediction")


def test_a_job_that_was_listed_before_a_malformed_item_is_found_and_no_other_is_absent() -> None:
    other = job(Status.SUBMITTING, id=new_job_id(NOW))
    assert ask(Malformed(), IN_DOUBT, other) == Answers({JOB_ID: prediction("processing", webhook=WEBHOOK)})

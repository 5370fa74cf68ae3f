"""Jobs that a restore returned: completed from the bucket, or searched for in the whole time since."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from check_replicate_status.asking import ask_replicate
from check_replicate_status.flow import check_replicate_status
from check_replicate_status.restored_list import SLICE, list_since_restore
from check_replicate_status.stored_results import UNSENT, complete_from_bucket
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.lifecycle.prediction_lookup import CLOCK_SKEW
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK
from mediagen.replicate.client import Prediction, Replicate, ReplicateUnavailable
from unit.check_replicate_status.bench import Bench, bench
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, job, prediction
from unit.stored import FILE, FOLDER, LEFT_OUT, description

EPOCH = NOW + timedelta(hours=1)
UNFINISHED = (Status.QUEUED, Status.SUBMITTING, Status.PROCESSING)


def restored(status: Status = Status.PROCESSING, *, epoch: datetime = EPOCH, **changes: Any) -> Job:
    return job(status, epoch=epoch, **changes)


def stored(made: Job) -> Bench:
    """Make a poller, and the job's result in the bucket."""
    poller = bench(made)
    poller.erasure.objects[f"{FOLDER}metadata.json"] = description()
    return poller


@pytest.mark.parametrize("status", UNFINISHED)
def test_a_result_in_the_bucket_completes_its_job(status: Status) -> None:
    poller = stored(restored(status))
    assert complete_from_bucket([restored(status)], now=EPOCH, ports=poller.ports) == []
    done = poller.records.jobs[JOB_ID]
    change: Change = poller.records.changes[-1]
    assert (done.status, done.replicate_id, str(change.cost)) == (Status.COMPLETED, REPLICATE_ID, "0.003")
    assert (change.left_out, str(change.predict_seconds)) == ((LEFT_OUT,), "4.2")
    assert [output.key for output in change.outputs] == [FILE.key, f"{FOLDER}metadata.json"]
    assert change.details == {"status": "succeeded", "metrics": {"predict_time": 4.2}}
    assert {(each.reason, each.replicate_id) for each in poller.records.changes} == {("found_in_bucket", REPLICATE_ID)}
    assert done.completed_at == EPOCH
    assert done.started_at == (EPOCH if status in UNSENT else restored(status).started_at)
    assert poller.provider.canceled == []


def test_without_a_restore_the_bucket_is_not_read() -> None:
    made = job(Status.PROCESSING)
    poller = stored(made)
    poller.erasure.away.add("bucket")
    assert complete_from_bucket([made], now=EPOCH, ports=poller.ports) == [made]


def test_a_job_without_a_result_goes_the_usual_way_and_one_that_cannot_be_looked_up_waits(logged: Logged) -> None:
    made = restored()
    poller = bench(made)
    assert complete_from_bucket([made], now=EPOCH, ports=poller.ports) == [made]
    poller.erasure.away.add("bucket")
    assert complete_from_bucket([made], now=EPOCH, ports=poller.ports) == []
    assert poller.records.jobs[JOB_ID] == made
    assert [(line["part"], line["jobId"]) for line in logged() if "part" in line] == [("media", JOB_ID)]


def test_each_run_looks_into_the_bucket_first() -> None:
    poller = stored(restored(epoch=NOW + timedelta(minutes=1)))
    check_replicate_status(clock=lambda: EPOCH, seconds_left=lambda: 240.0, ports=poller.ports)
    done = poller.records.jobs[JOB_ID]
    assert (done.status, done.completed_at) == (Status.COMPLETED, EPOCH)


def test_a_result_that_cannot_be_recorded_waits_for_the_next_run(logged: Logged) -> None:
    poller = stored(restored())
    poller.records.is_away = True
    assert complete_from_bucket([restored()], now=EPOCH, ports=poller.ports) == []
    assert poller.records.jobs[JOB_ID] == restored()
    assert [(line["part"], line["jobId"]) for line in logged() if "part" in line] == [("restored_job", JOB_ID)]


class Listed(Replicate):
    """Predictions by the time of their creation; a moment may be missing."""

    def __init__(self, *predictions: tuple[datetime, Prediction], missing: datetime | None = None) -> None:
        self.predictions, self.missing = predictions, missing
        self.asked: list[tuple[datetime, datetime]] = []

    def get(self, prediction_id: str) -> Prediction | None:
        raise AssertionError(prediction_id)

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        assert until is not None
        self.asked.append((moment, until))
        if self.missing and moment <= self.missing < until:
            raise ReplicateUnavailable("status 500")
        yield from (each for at, each in self.predictions if moment <= at <= until)


def test_a_job_is_looked_for_from_its_last_transition_until_the_epoch_began() -> None:
    in_doubt = restored(Status.SUBMITTING)
    found = prediction("starting")
    for moment in (NOW - CLOCK_SKEW, NOW + timedelta(minutes=31), EPOCH + AMBIGUOUS_CHECK + CLOCK_SKEW):
        assert list_since_restore([in_doubt], Listed((moment, found))).found == {JOB_ID: found}
    provider = Listed()
    assert list_since_restore([in_doubt], provider).absent == {JOB_ID}
    asked = sorted(provider.asked)
    assert all(after[0] <= before[1] for before, after in pairwise(asked))  # no gap
    assert all(end - start <= SLICE + 2 * CLOCK_SKEW for start, end in asked)


def test_a_restored_job_in_doubt_is_asked_about_in_all_the_time_since() -> None:
    found = prediction("starting")
    provider = Listed((NOW + timedelta(minutes=31), found))
    in_doubt = [restored(Status.SUBMITTING)]
    answers = ask_replicate(in_doubt, provider=provider, seconds_left=lambda: 30.0, known_predictions=lambda ids: set())
    assert answers.predictions == {JOB_ID: found}


def test_a_list_without_one_of_its_slices_proves_nothing() -> None:
    provider = Listed(missing=NOW + timedelta(minutes=31))
    with pytest.raises(ReplicateUnavailable):
        list_since_restore([restored(Status.SUBMITTING)], provider)


def test_an_item_of_any_slice_that_may_be_ours_proves_nothing() -> None:
    unknown = prediction("starting", webhook=None)
    listing = list_since_restore([restored(Status.SUBMITTING)], Listed((NOW + timedelta(minutes=31), unknown)))
    assert listing.absent == set()


def test_a_job_that_was_sent_since_the_restore_has_a_moment_and_no_span() -> None:
    sent = EPOCH + timedelta(minutes=1)
    assert replace(restored(Status.SUBMITTING), updated_at=sent).sent_until == sent

"""Asking Replicate about many jobs. Only answers count; silence proves nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import pytest

from check_replicate_status.asking import Answers, ask_replicate
from mediagen.finding import CLOCK_SKEW
from mediagen.ids import new_job_id
from mediagen.jobs import Job
from mediagen.replicate import Prediction, ReplicateUnavailable
from mediagen.states import Status
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, WEBHOOK, Provider, job, prediction

RUNNING, IN_DOUBT, QUEUED = job(Status.PROCESSING), job(Status.SUBMITTING), job(Status.QUEUED)


def ask(provider: Provider, *jobs: Job, seconds: float = 60.0) -> Answers:
    """Ask about some jobs."""
    return ask_replicate(jobs, provider=provider, seconds_left=lambda: seconds)


class Silent(Provider):
    """A Replicate that cannot answer."""

    def get(self, prediction_id: str) -> Prediction | None:
        """Fail."""
        raise ReplicateUnavailable("status 503")

    def created_since(self, moment: datetime) -> Iterator[Prediction]:
        """Fail after the first item."""
        yield prediction("processing")
        raise ReplicateUnavailable("status 503")


def test_the_predictions_of_running_jobs_are_read() -> None:
    answers = ask(Provider(known={REPLICATE_ID: prediction()}), RUNNING)
    assert answers == Answers({JOB_ID: prediction()}, set(), is_complete=True)


def test_a_prediction_replicate_does_not_know_is_gone() -> None:
    assert ask(Provider(), RUNNING) == Answers({}, {JOB_ID}, is_complete=True)


def test_what_replicate_could_not_say_is_neither_gone_nor_complete(logged: Logged) -> None:
    other = job(Status.SUBMITTING, id=new_job_id(NOW))
    assert ask(Silent(), RUNNING, other) == Answers()
    assert [line["part"] for line in logged()] == ["replicate", "replicate"]


def test_jobs_in_doubt_are_found_by_the_webhook_url_they_carry() -> None:
    other = prediction("starting", id="other", webhook="https://other.example/?jobId=1")
    answers = ask(Provider(known={"other": other, REPLICATE_ID: prediction("starting")}), IN_DOUBT)
    assert answers == Answers({JOB_ID: prediction("starting")}, set(), is_complete=True)


@pytest.mark.parametrize("webhook", [{}, {"webhook": None}, {"webhook": ""}])
def test_list_items_without_their_webhook_are_read_one_by_one(webhook: dict[str, object]) -> None:
    class Short(Provider):
        def created_since(self, moment: datetime) -> Iterator[Prediction]:
            for whole in super().created_since(moment):
                yield {name: value for name, value in whole.items() if name != "webhook"} | webhook

    assert JOB_ID in ask(Short(known={REPLICATE_ID: prediction("starting")}), IN_DOUBT).predictions


def test_absence_is_proven_only_by_a_list_that_was_read_to_its_end() -> None:
    assert ask(Provider(), IN_DOUBT) == Answers(is_complete=True)
    assert ask(Silent(), job(Status.SUBMITTING, id=new_job_id(NOW))) == Answers()


def test_the_list_begins_before_the_oldest_job_in_doubt() -> None:
    asked: list[datetime] = []

    class Watched(Provider):
        def created_since(self, moment: datetime) -> Iterator[Prediction]:
            asked.append(moment)
            yield from ()

    older = job(Status.SUBMITTING, id=new_job_id(NOW), created_at=NOW - timedelta(hours=1))
    ask(Watched(), IN_DOUBT, older, RUNNING)
    assert asked == [NOW - timedelta(hours=1) - CLOCK_SKEW]


def test_the_newest_of_two_predictions_of_a_job_counts() -> None:
    known = {"new": prediction("starting", id="new"), "old": prediction("failed", id="old")}
    assert ask(Provider(known=known), IN_DOUBT).predictions[JOB_ID]["id"] == "new"


@pytest.mark.parametrize("jobs", [[], [QUEUED]])
def test_without_a_question_replicate_is_not_asked(jobs: list[Job]) -> None:
    assert ask(Silent(), *jobs) == Answers(is_complete=True)


def test_when_the_time_is_up_what_has_no_answer_is_left_open() -> None:
    released = Event()

    class Slow(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            released.wait(60)
            return None

        def created_since(self, moment: datetime) -> Iterator[Prediction]:
            released.wait(60)
            yield prediction(webhook=WEBHOOK)

    try:
        assert ask(Slow(), RUNNING, job(Status.SUBMITTING, id=new_job_id(NOW)), seconds=8.05) == Answers()
    finally:
        released.set()


def test_an_error_of_our_own_is_not_mistaken_for_silence() -> None:
    class Broken(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            raise TypeError("our mistake")

    with pytest.raises(TypeError):
        ask(Broken(), RUNNING)

"""Queries to Replicate about many jobs. Only answers count; silence proves nothing."""

import threading
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import pytest

from check_replicate_status.asking import Answers, ask_replicate, sent_together
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.lifecycle.prediction_lookup import CLOCK_SKEW
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK
from mediagen.replicate.client import AT_ONCE, Prediction, ReplicateUnavailable
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, WEBHOOK, Provider, job, prediction

RUNNING, IN_DOUBT, QUEUED = job(Status.PROCESSING), job(Status.SUBMITTING), job(Status.QUEUED)


def ask(provider: Provider, *jobs: Job, seconds: float = 60.0, known: Collection[str] = ()) -> Answers:
    """Query some jobs; `known` are predictions of our other jobs."""
    return ask_replicate(
        jobs, provider=provider, seconds_left=lambda: seconds, known_predictions=set(known).intersection
    )


class Silent(Provider):
    """A Replicate that does not answer."""

    def get(self, prediction_id: str) -> Prediction | None:
        raise ReplicateUnavailable("status 503")

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        yield prediction("processing")
        raise ReplicateUnavailable("status 503")


def test_the_predictions_of_running_jobs_are_read() -> None:
    other = job(Status.PROCESSING, id="other", replicate_id="second")
    answers = ask(Provider(known={REPLICATE_ID: prediction(), "second": prediction(id="second")}), RUNNING, other)
    assert answers == Answers({JOB_ID: prediction(), "other": prediction(id="second")})


def test_a_404_for_a_running_prediction_is_no_answer(logged: Logged) -> None:
    assert ask(Provider(), RUNNING) == Answers()
    [line] = logged()
    assert (line["action"], line["level"], line["jobId"]) == ("prediction.not_found", "WARNING", JOB_ID)
    assert line["metadata"]["replicateId"] == REPLICATE_ID


def test_a_job_without_an_answer_is_neither_found_nor_absent(logged: Logged) -> None:
    other = job(Status.SUBMITTING, id=new_job_id(NOW))
    assert ask(Silent(), RUNNING, other) == Answers(is_silent=True)
    lines = logged()
    assert [line["part"] for line in lines] == ["replicate", "replicate"]
    assert all("status 503" in line["error"] for line in lines)


def test_jobs_in_doubt_are_found_by_the_webhook_url_they_carry() -> None:
    other = prediction("starting", id="other", webhook="https://other.example/?jobId=1")
    answers = ask(Provider(known={"other": other, REPLICATE_ID: prediction("starting")}), IN_DOUBT)
    assert answers == Answers({JOB_ID: prediction("starting")})


@pytest.mark.parametrize("webhook", [{}, {"webhook": None}, {"webhook": ""}])
def test_list_items_without_their_webhook_are_read_one_by_one(webhook: dict[str, object]) -> None:
    class Short(Provider):
        def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
            for whole in super().created_since(moment):
                yield {name: value for name, value in whole.items() if name != "webhook"} | webhook

    assert JOB_ID in ask(Short(known={REPLICATE_ID: prediction("starting")}), IN_DOUBT).predictions


class Nameless(Provider):
    """A Replicate whose list shows no webhooks; its predictions are missing or empty as scripted."""

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        for whole in super().created_since(moment):
            yield {name: value for name, value in whole.items() if name != "webhook"}


class Forgetful(Nameless):
    """A Replicate that also answers 404 for predictions that it has listed."""

    def get(self, prediction_id: str) -> Prediction | None:
        return None


@pytest.mark.parametrize("kind", [Forgetful, Nameless], ids=["not found", "removed with the data"])
def test_a_listed_prediction_that_may_be_the_jobs_disproves_its_absence(kind: type[Provider]) -> None:
    removed = {"other": prediction("succeeded", id="other", webhook=None)}
    assert ask(kind(known=removed), IN_DOUBT) == Answers()


def test_a_prediction_of_another_job_or_of_the_web_site_disproves_nothing() -> None:
    listed = {
        "known": prediction("succeeded", id="known", webhook=None),
        "web": prediction("succeeded", id="web", webhook=None, source="web"),
    }
    assert ask(Forgetful(known=listed), IN_DOUBT, known=["known"]) == Answers(absent={JOB_ID})


def test_one_item_that_could_be_anybodys_leaves_all_jobs_of_its_list_in_doubt() -> None:
    listed = {
        "odd": prediction("starting", id="odd", webhook=None),
        REPLICATE_ID: prediction("starting"),
    }
    other = job(Status.SUBMITTING, id=new_job_id(NOW))
    assert ask(Provider(known=listed), IN_DOUBT, other) == Answers({JOB_ID: prediction("starting")})


def test_absence_is_proven_only_by_a_list_that_was_read_to_its_end() -> None:
    assert ask(Provider(), IN_DOUBT) == Answers(absent={JOB_ID})
    assert ask(Silent(), job(Status.SUBMITTING, id=new_job_id(NOW))) == Answers(is_silent=True)


class Watched(Provider):
    """A Replicate that records which lists were read, and fails as scripted."""

    def __init__(self, fails_since: datetime | None = None) -> None:
        super().__init__()
        self.asked: list[tuple[datetime, datetime | None]] = []
        self.fails_since = fails_since

    def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
        self.asked.append((moment, until))
        if self.fails_since and moment >= self.fails_since:
            raise ReplicateUnavailable("status 503")
        yield from super().created_since(moment, until)


def sent_at(minutes: float) -> Job:
    """Make a job in doubt with this submission time."""
    moment = NOW + timedelta(minutes=minutes)
    return job(Status.SUBMITTING, id=new_job_id(NOW), created_at=NOW - timedelta(hours=3), updated_at=moment)


def test_the_list_is_read_from_before_a_job_was_sent_until_its_call_must_have_arrived() -> None:
    watched = Watched()
    ask(watched, sent_at(-5), sent_at(-4.5), RUNNING)
    start, end = NOW - timedelta(minutes=5), NOW - timedelta(minutes=4.5)
    assert watched.asked == [(start - CLOCK_SKEW, end + AMBIGUOUS_CHECK + CLOCK_SKEW)]


def test_after_a_long_outage_the_list_is_read_in_parts_and_each_proves_what_it_covers(logged: Logged) -> None:
    jobs = [sent_at(-minutes) for minutes in (5, 55, 30)]
    watched = Watched(fails_since=NOW - timedelta(minutes=10))
    assert ask(watched, *jobs) == Answers(absent={jobs[1].id, jobs[2].id})
    starts = [NOW - timedelta(minutes=minutes) - CLOCK_SKEW for minutes in (55, 30, 5)]
    assert sorted(start for start, _ in watched.asked) == starts
    assert [line["part"] for line in logged()] == ["replicate"]


def test_a_minute_of_jobs_is_one_part_of_the_list() -> None:
    jobs = [sent_at(seconds / 60) for seconds in (0, 60, 61, 121, 122)]
    assert [len(group) for group in sent_together(jobs[::-1])] == [2, 2, 1]


def test_the_newest_of_two_predictions_of_a_job_counts() -> None:
    known = {"new": prediction("starting", id="new"), "old": prediction("failed", id="old")}
    assert ask(Provider(known=known), IN_DOUBT).predictions[JOB_ID]["id"] == "new"


@pytest.mark.parametrize("jobs", [[], [QUEUED]])
def test_without_a_question_replicate_is_not_asked(jobs: list[Job]) -> None:
    assert ask(Silent(), *jobs) == Answers()


def test_jobs_without_an_answer_at_the_time_limit_are_left_open() -> None:
    released = Event()

    class Slow(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            released.wait(60)
            return None

        def created_since(self, moment: datetime, until: datetime | None = None) -> Iterator[Prediction]:
            released.wait(60)
            yield prediction(webhook=WEBHOOK)

    try:
        assert ask(Slow(), RUNNING, job(Status.SUBMITTING, id=new_job_id(NOW)), seconds=8.05) == Answers(is_silent=True)
    finally:
        released.set()


def test_requests_still_pending_at_the_time_limit_are_never_sent() -> None:
    released, asked = Event(), []

    class Slow(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            asked.append(prediction_id)
            released.wait(60)
            return None

    many = [job(Status.PROCESSING, id=new_job_id(NOW), replicate_id=f"r{number}") for number in range(AT_ONCE + 3)]
    try:
        assert ask(Slow(), *many, seconds=8.05) == Answers(is_silent=True)
    finally:
        released.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(20)
    assert len(asked) <= AT_ONCE


def test_both_what_runs_and_what_is_in_doubt_is_waited_for() -> None:
    class Late(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            Event().wait(0.05)
            return super().get(prediction_id)

    other = job(Status.SUBMITTING, id=new_job_id(NOW))
    found = prediction("starting", id="other", webhook=WEBHOOK.replace(JOB_ID, other.id))
    answers = ask(Late(known={REPLICATE_ID: prediction(), "other": found}), RUNNING, other)
    assert answers == Answers({JOB_ID: prediction(), other.id: found}, set())


def test_a_job_without_a_prediction_of_its_own_is_not_asked_for() -> None:
    assert ask(Provider(), replace(RUNNING, replicate_id=None), replace(QUEUED, replicate_id="r1")) == Answers()


def test_a_prediction_that_is_listed_with_its_url_is_not_read_again() -> None:
    class Listed(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            raise AssertionError("one call for each of thousands")

    known = {"other": prediction(webhook="https://other.example/"), REPLICATE_ID: prediction("starting")}
    assert ask(Listed(known=known), IN_DOUBT).predictions == {JOB_ID: prediction("starting")}


def test_an_error_of_our_own_is_not_mistaken_for_silence() -> None:
    class Broken(Provider):
        def get(self, prediction_id: str) -> Prediction | None:
            raise TypeError("our mistake")

    with pytest.raises(TypeError):
        ask(Broken(), RUNNING)

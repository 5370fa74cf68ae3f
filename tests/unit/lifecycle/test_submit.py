"""Submitting a job to Replicate, and the effect of each answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mediagen.errors.refusals import FieldError
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.state import Status
from mediagen.lifecycle.submit import LOST_MESSAGE_CHECK, WEBHOOK_GRACE, submit, wait_seconds
from mediagen.limits.dispatch import Turn
from mediagen.replicate.create_outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from unit.conftest import Logged
from unit.health import Health
from unit.samples import JOB_ID, MODEL, NOW, REPLICATE_ID, WEBHOOK, Provider, Queue, Records, job, prediction
from unit.samples import submission_ports as ports

ACCEPTED = Accepted(prediction("starting"))
THROTTLED = NotTaken("throttled", 7)
BROKE = NotTaken("account problem, status 402", 300, operators_fault=True)
FIELDS = ({"field": "input.fps", "type": "maximum", "description": "Must be less than or equal to 30"}, {"type": "x"})
REFUSED = Refused("invalid_params", FIELDS)
GONE = Refused("model_unavailable")
LOST = Unknown("ReadTimeoutError")
OUTCOMES: list[Outcome] = [ACCEPTED, THROTTLED, BROKE, REFUSED, GONE, LOST]


@pytest.mark.parametrize(
    ("outcome", "status", "replicate_id", "error", "delays"),
    [
        (ACCEPTED, "processing", REPLICATE_ID, None, []),
        (THROTTLED, "queued", None, None, [7]),
        (BROKE, "queued", None, None, [300]),
        (NotTaken("throttled", 5000), "queued", None, None, [900]),
        (REFUSED, "failed", None, "invalid_params", []),
        (GONE, "failed", None, "model_unavailable", []),
        (LOST, "submitting", None, None, []),
    ],
)
def test_each_outcome_leads_to_its_status(
    outcome: Outcome, status: str, replicate_id: str | None, error: str | None, delays: list[int]
) -> None:
    used = ports(Records.of(job()), Provider(outcome), queue := Queue())
    moved, _ = submit(job(), MODEL, Turn(), now=NOW, ports=used)
    assert (moved.status, moved.replicate_id) == (status, replicate_id)
    assert (moved.error.code if moved.error else None) == error
    assert [delay for _, delay in queue.sent] == delays
    assert [message["jobId"] for message, _ in queue.sent] == [JOB_ID] * len(delays)
    assert used.screen.shown == [moved]  # type: ignore[attr-defined]


def test_one_create_call_has_the_jobs_own_webhook_and_the_time_left() -> None:
    provider = Provider()
    submit(job(), MODEL, Turn(), now=NOW + timedelta(minutes=10), ports=ports(Records.of(job()), provider))
    [asked] = provider.created
    assert asked == {
        "version": MODEL.version,
        "params": {"prompt": "a lighthouse"},
        "webhook": WEBHOOK,
        "deadline_seconds": 20 * 60,
    }


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_one_create_call_is_made_whatever_the_answer(outcome: Outcome) -> None:
    provider = Provider(outcome)
    submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), provider))
    assert len(provider.created) == 1


@pytest.mark.parametrize(
    ("outcome", "wait"),
    [
        (ACCEPTED, timedelta(seconds=5) + WEBHOOK_GRACE),
        (THROTTLED, timedelta(seconds=7) + LOST_MESSAGE_CHECK),
        (BROKE, timedelta(seconds=300) + LOST_MESSAGE_CHECK),
    ],
)
def test_the_poller_looks_when_an_answer_is_overdue(outcome: Outcome, wait: timedelta) -> None:
    records = Records.of(job())
    submit(job(), MODEL, Turn(), now=NOW, ports=ports(records, Provider(outcome)))
    assert [change.next_check_in for change in records.changes] == [wait]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_database_that_fails_after_acceptance_leaves_the_job_submitting_and_answers(
    outcome: Outcome, logged: Logged
) -> None:
    records, queue = Records.of(job()), Queue()
    records.is_away = True
    moved, errors = submit(job(), MODEL, Turn(), now=NOW, ports=ports(records, Provider(outcome), queue))
    if outcome != LOST:
        assert "database" in [line.get("part") for line in logged()]
    assert (moved, errors, queue.sent) == (job(), (), [])
    assert records.jobs[JOB_ID].status is Status.SUBMITTING


def test_a_queue_that_fails_does_not_fail_the_job_which_the_poller_sends_later(logged: Logged) -> None:
    moved, _ = submit(
        job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(THROTTLED), Queue(is_away=True))
    )
    assert moved.status is Status.QUEUED
    assert [line.get("part") for line in logged()] == [None, "submissions"]


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.COMPLETED, Status.CANCELED])
def test_a_job_that_moved_meanwhile_is_left_alone(status: Status) -> None:
    records = Records.of(job(status))
    submit(job(), MODEL, Turn(), now=NOW, ports=ports(records, Provider(ACCEPTED)))
    assert records.jobs[JOB_ID] == job(status)
    assert records.changes == []


def test_refused_fields_are_named_as_the_clients_params_without_replicates_words() -> None:
    _, errors = submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(REFUSED)))
    assert errors == (
        FieldError("params.fps", "maximum", "The model does not accept this value."),
        FieldError("params", "x", "The model does not accept this value."),
    )


@pytest.mark.parametrize("words", ["Something went wrong at r8.im/x", "https://x", "x" * 300, "<b>"])
def test_a_sentence_of_replicate_in_the_place_of_a_name_does_not_reach_a_client(words: str) -> None:
    refused = Refused("invalid_params", ({"field": words, "type": words, "description": words},))
    _, errors = submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(refused)))
    assert errors == (FieldError("params", "invalid", "The model does not accept this value."),)


@pytest.mark.parametrize("outcome", [outcome for outcome in OUTCOMES if outcome != REFUSED])
def test_no_other_outcome_is_the_clients_mistake(outcome: Outcome) -> None:
    assert submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(outcome)))[1] == ()


def test_a_refused_job_costs_nothing() -> None:
    moved, _ = submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(REFUSED)))
    assert moved.cost == 0


@pytest.mark.parametrize(
    ("outcome", "action", "level", "metric"),
    [
        (ACCEPTED, "job.started", "INFO", "JobsStarted"),
        (THROTTLED, "job.postponed", "WARNING", None),
        (BROKE, "job.postponed", "ERROR", "ProviderAccountProblem"),
        (REFUSED, "job.failed", "WARNING", "JobsFailed"),
        (LOST, "job.submission_ambiguous", "WARNING", "SubmissionsAmbiguous"),
    ],
)
def test_each_outcome_is_one_event(
    outcome: Outcome, action: str, level: str, metric: str | None, logged: Logged
) -> None:
    submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(outcome)))
    [line] = logged()
    assert (line["action"], line["level"], line["jobId"]) == (action, level, JOB_ID)
    assert metric is None or line[metric] == 1
    assert "lighthouse" not in str(line)


def test_a_deadline_that_has_nearly_passed_is_still_told_to_replicate() -> None:
    provider, late = Provider(), replace(job(), deadline_at=NOW + timedelta(seconds=1.9))
    submit(late, MODEL, Turn(), now=NOW, ports=ports(Records.of(late), provider))
    assert provider.created[0]["deadline_seconds"] == 1


@pytest.mark.parametrize("status", [Status.CANCELED, Status.PROCESSING, Status.COMPLETED])
def test_a_job_changed_during_its_create_call_is_stopped_only_if_canceled(status: Status) -> None:
    provider, records = Provider(ACCEPTED), Records.of(job(status))
    moved, _ = submit(job(), MODEL, Turn(), now=NOW, ports=ports(records, provider))
    assert provider.canceled == ([REPLICATE_ID] if status is Status.CANCELED else [])
    assert moved == records.jobs[JOB_ID] == job(status)


def test_the_first_wait_is_the_one_replicate_asks_for_and_later_ones_are_longer_up_to_a_minute() -> None:
    jobs = [new_job_id(NOW) for _ in range(200)]
    waits = [[wait_seconds(job(id=job_id, revision=2 * tried + 1), 10) for job_id in jobs] for tried in range(6)]
    assert set(waits[0]) == {10}
    for tried, latest in enumerate([10, 20, 40, 60, 60, 60]):
        assert 10 <= min(waits[tried]) <= max(waits[tried]) <= latest


def test_jobs_refused_together_are_not_retried_together() -> None:
    waits = [wait_seconds(job(id=new_job_id(NOW), revision=7), 5) for _ in range(100)]
    assert len(set(waits)) > 20


@pytest.mark.parametrize("revision", [1, 3, 99, 2001])
def test_no_wait_is_shorter_than_asked_for(revision: int) -> None:
    assert wait_seconds(job(revision=revision), 300) == 300


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_a_crash_or_a_model_that_is_not_there_counts_against_the_model(outcome: Outcome) -> None:
    health = Health()
    submit(job(), MODEL, Turn(), now=NOW, ports=ports(Records.of(job()), Provider(outcome), health=health))
    assert health.heard == ([("unsent", JOB_ID)] if outcome in (LOST, GONE) else [])

"""The circuit breaker's rules: failures that count, closing, and probes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mediagen.jobs.circuit_breaker import (
    FIRST_SECONDS,
    KEPT_SECONDS,
    LONGEST_SECONDS,
    LOOK_SECONDS,
    QUIET_SECONDS,
    THRESHOLD,
    Availability,
    Breaker,
    read_breaker,
    suspicion,
    unsent,
)
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from unit.samples import NOW, REPLICATE_ID, USER_ID, job

AVAILABLE = Availability("available")
PROBE = job(id="probe")
LATER = NOW + timedelta(seconds=FIRST_SECONDS)


def failed(code: str, **changes: object) -> Job:
    return job(Status.FAILED, error=failure(code), started_at=NOW, **changes)


def after_failures(count: int, suspect: str = "run:{}") -> Breaker:
    breaker = Breaker()
    for number in range(count):
        breaker = breaker.failed(job(), suspect.format(number), NOW)
    return breaker


OPEN = after_failures(THRESHOLD)


@pytest.mark.parametrize("code", ["generation_failed", "no_output", "deadline_exceeded"])
def test_a_failed_run_counts_once_for_each_user(code: str) -> None:
    assert suspicion(failed(code)) == suspicion(failed(code, id="another")) == f"user:{USER_ID}"


def test_a_model_that_replicate_says_is_not_there_counts_for_each_job() -> None:
    suspects = {suspicion(failed("model_unavailable", id=name)) for name in ("a", "b")}
    assert suspects == {"run:a", "run:b"}
    assert {unsent(job(id=name)) for name in ("a", "b")} == {"send:a", "send:b"}


@pytest.mark.parametrize(
    "ended",
    [
        *[
            failed(code)
            for code in ("invalid_params", "content_refused", "input_unreadable", "out_of_memory", "media_expired")
        ],
        *[failed(code) for code in ("output_too_large", "output_not_media", "output_host_refused")],
        job(Status.CANCELED, error=failure("canceled")),
        job(Status.COMPLETED),
        failed("generation_failed", replicate_id=None),
        failed("deadline_exceeded", replicate_id=None),  # it was queued here
        failed("model_unavailable", replicate_id=None),  # removed from the catalogue, or already counted at submission
        failed("deadline_exceeded", deadline_at=NOW + timedelta(minutes=9)),
    ],
    ids=lambda ended: f"{ended.status}-{ended.error and ended.error.code}-{ended.replicate_id}",
)
def test_client_errors_and_our_own_do_not_count_against_the_model(ended: Job) -> None:
    assert suspicion(ended) is None


def test_one_user_alone_cannot_open_a_models_circuit() -> None:
    assert after_failures(100, f"user:{USER_ID}").availability(NOW) == AVAILABLE


def test_the_fifth_failure_in_a_row_opens() -> None:
    assert after_failures(THRESHOLD - 1).availability(NOW) == AVAILABLE
    assert OPEN.availability(NOW) == Availability("unavailable", FIRST_SECONDS)
    assert OPEN.availability(NOW + timedelta(seconds=0.5)).retry_after_seconds == FIRST_SECONDS


def test_a_success_in_between_resets_the_count() -> None:
    assert after_failures(THRESHOLD - 1).succeeded(job()) == Breaker()


def test_when_the_time_is_over_the_next_request_is_the_probe_and_the_others_wait() -> None:
    assert OPEN.availability(LATER) == Availability("probing", 0)
    probed = OPEN.probed_by(PROBE, LATER)
    assert probed.availability(LATER) == Availability("probing", LOOK_SECONDS)


def test_a_probe_of_which_nothing_is_heard_is_followed_by_another() -> None:
    probed = OPEN.probed_by(PROBE, LATER)
    lost = LATER + timedelta(seconds=2 * PROBE.estimated_seconds + 120)
    assert probed.availability(lost - timedelta(seconds=7)) == Availability("probing", 7)
    assert probed.availability(lost) == Availability("probing", 0)


def test_only_the_probe_decides() -> None:
    probed = OPEN.probed_by(PROBE, LATER)
    for breaker in (OPEN, probed):
        assert breaker.succeeded(job()) == breaker.released(job()) == breaker.taken(job()) == breaker
        assert breaker.failed(job(), "run:other", LATER) == breaker
    assert probed.succeeded(PROBE) == Breaker()


def test_an_inconclusive_probe_allows_the_next_one() -> None:
    assert OPEN.probed_by(PROBE, LATER).released(PROBE) == OPEN


def test_each_probe_that_fails_closes_the_model_for_twice_as_long_up_to_ten_minutes() -> None:
    breaker, seconds = OPEN, list[int | None]()
    for _ in range(7):
        breaker = breaker.probed_by(PROBE, LATER).failed(PROBE, f"run:{len(seconds)}", LATER)
        seconds.append(breaker.availability(LATER).retry_after_seconds)
    assert seconds == [60, 120, 240, 480, LONGEST_SECONDS, LONGEST_SECONDS, LONGEST_SECONDS]
    assert breaker.succeeded(PROBE) == breaker  # a late completion


def test_one_users_failed_probes_prolong_the_open_circuit_once() -> None:
    again, other = job(id="again"), job(id="other")
    once = OPEN.probed_by(PROBE, LATER).failed(PROBE, "user:1", LATER)
    assert once.openings == 2
    assert once.probed_by(again, LATER).failed(again, "user:1", LATER) == once
    assert once.probed_by(other, LATER).failed(other, "user:2", LATER).openings == 3
    assert once.probed_by(again, LATER).failed(other, "user:1", LATER) == once.probed_by(again, LATER)


def test_if_only_submissions_failed_one_submitted_probe_closes_the_circuit() -> None:
    assert after_failures(THRESHOLD, "send:{}").probed_by(PROBE, LATER).taken(PROBE) == Breaker()
    assert OPEN.probed_by(PROBE, LATER).taken(PROBE).openings == 1
    mixed = after_failures(THRESHOLD - 1, "send:{}").failed(job(), "user:1", NOW).probed_by(PROBE, LATER)
    assert mixed.taken(PROBE) == mixed


def test_failures_are_forgotten_after_half_an_hour_and_an_open_model_after_an_hour() -> None:
    assert (after_failures(1).kept_seconds, OPEN.kept_seconds) == (QUIET_SECONDS, KEPT_SECONDS)
    assert LONGEST_SECONDS < KEPT_SECONDS


@pytest.mark.parametrize("breaker", [Breaker(), after_failures(2), OPEN, OPEN.probed_by(PROBE, LATER)])
def test_it_survives_the_cache_and_what_another_release_adds(breaker: Breaker) -> None:
    assert read_breaker(breaker.text()) == breaker
    assert read_breaker(breaker.text().replace("{", '{"more": 1, ', 1)) == breaker
    assert read_breaker(None) == read_breaker("{}") == Breaker()


def test_a_start_that_was_late_leaves_less_time() -> None:
    late = replace(failed("deadline_exceeded"), started_at=NOW + timedelta(minutes=25))
    assert (late.replicate_id, suspicion(late)) == (REPLICATE_ID, None)

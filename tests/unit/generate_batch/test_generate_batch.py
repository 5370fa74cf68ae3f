"""Accepting a batch: each request on its own, and the batch as a whole."""

import json
from datetime import timedelta
from typing import Any

import pytest

from generate_batch.flow import MAX_BYTES, UNSENT_CHECK
from mediagen.errors.refusals import (
    BatchRefused,
    BodyTooLarge,
    IdempotencyKeyReused,
    InvalidFields,
    ModelUnavailable,
    RateLimited,
    Refusal,
    Unauthorized,
    Unavailable,
)
from mediagen.jobs.batches import MOST_TOLD_BYTES, Batch
from mediagen.jobs.state import Status
from unit.conftest import Logged
from unit.generate_batch.bench import LIMIT, WRONG, Batches, Bench, Limiter, Queue
from unit.generate_media.bench import BODY
from unit.health import Health
from unit.samples import NOW, USER_ID


def test_its_jobs_wait_in_the_order_of_the_requests_and_are_handed_over() -> None:
    bench = Bench()
    answer = bench.ask(BODY, WRONG, BODY | {"prompt": "a boat"})
    jobs = bench.batch.jobs
    assert [(job.batch_index, job.params["prompt"]) for job in jobs] == [(0, "a lighthouse"), (2, "a boat")]
    assert {(job.status, job.revision, job.batch_id) for job in jobs} == {(Status.QUEUED, 0, bench.batch.id)}
    assert bench.queue.sent == [{"jobId": job.id} for job in jobs]
    assert bench.batches.check_at == NOW + UNSENT_CHECK < min(job.deadline_at for job in jobs)
    results: Any = answer.body["results"]
    assert [result.get("jobId") for result in results] == [jobs[0].id, None, jobs[1].id]
    assert (results[0]["status"], results[0]["estimatedCost"]) == ("queued", 0.003)
    assert answer.headers["RateLimit"].startswith('"hour";r=3;')


def test_the_batch_is_logged_once_without_what_it_is_about(logged: Logged) -> None:
    Bench().ask(BODY, WRONG)
    [line] = logged()
    assert (line["action"], line["userId"], line["metadata"]["accepted"]) == ("batch.accepted", USER_ID, 1)
    assert "lighthouse" not in json.dumps(line)


def test_jobs_that_cannot_be_queued_are_still_accepted(logged: Logged) -> None:
    bench = Bench(queue=Queue(is_away=True))
    assert bench.ask(BODY).status == 202
    assert [line["metadata"].get("part") for line in logged()] == [None, "submissions"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (WRONG, "invalid_fields"),
        ({}, "invalid_fields"),
        (BODY | {"modelId": "another"}, "unknown_model"),
        (None, "invalid_request"),
        ([BODY], "invalid_request"),
        (BODY | {"params": {"seed": "x" * 300_000}}, "body_too_large"),
    ],
)
def test_a_wrong_request_is_refused_as_it_would_be_alone_and_costs_nothing(request_: object, code: str) -> None:
    bench = Bench()
    results: Any = bench.ask(request_, BODY).body["results"]
    assert (results[0]["error"]["code"], "jobId" in results[1]) == (code, True)
    assert bench.limiter.count == 1


def test_as_many_errors_are_returned_as_fit() -> None:
    results: Any = Bench().ask(BODY | {"params": {f"unknown{n}": 1 for n in range(60)}}, BODY).body["results"]
    told = results[0]["error"]
    assert 1 <= len(told["errors"]) < 60
    assert len(json.dumps(told)) <= MOST_TOLD_BYTES
    assert told["detail"].startswith("60 ")


def test_an_error_that_does_not_fit_is_left_out() -> None:
    results: Any = Bench().ask(BODY | {"params": {"x" * 5_000: 1}}, BODY).body["results"]
    assert results[0]["error"]["errors"] == []


@pytest.mark.parametrize("body", [{}, {"requests": []}, {"requests": [BODY] * 101}, {"requests": [BODY], "more": 1}])
def test_a_body_without_a_list_of_requests_is_refused_as_a_whole(body: object) -> None:
    bench = Bench()
    with pytest.raises(InvalidFields):
        bench.send(body)
    assert (bench.batches.made, bench.limiter.count) == ({}, 0)


def test_a_body_over_its_limit_is_refused_as_a_whole() -> None:
    with pytest.raises(BodyTooLarge):
        Bench().send({"requests": [BODY | {"prompt": "x" * MAX_BYTES}]})


def test_without_the_limiter_no_request_is_refused() -> None:
    bench = Bench(limiter=Limiter(count=None))
    assert bench.ask(*[BODY] * 10).body["counts"] == {"accepted": 10, "refused": 0}


def test_requests_over_the_limit_are_refused() -> None:
    bench = Bench(limiter=Limiter(count=3))
    results: Any = bench.ask(BODY, WRONG, BODY, BODY, BODY).body["results"]
    codes = [result["error"]["code"] if "error" in result else "made" for result in results]
    assert codes == ["made", "invalid_fields", "made", "rate_limited", "rate_limited"]


@pytest.mark.parametrize(
    ("requests", "count", "kind"),
    [([WRONG, WRONG], 0, BatchRefused), ([WRONG, BODY], LIMIT, BatchRefused), ([BODY, BODY], LIMIT, RateLimited)],
)
def test_a_batch_without_an_accepted_request_is_not_created(
    requests: list[object], count: int, kind: type[Refusal]
) -> None:
    bench = Bench(limiter=Limiter(count=count))
    with pytest.raises(kind) as caught:
        bench.ask(*requests, key="key-1")
    results: Any = caught.value.extra["results"]
    assert [result["index"] for result in results] == [0, 1]
    assert (caught.value.retry_after_seconds is None) == (kind is BatchRefused)
    assert (bench.batches.claims, bench.limiter.count, bench.queue.sent) == ({}, count, [])


def test_a_batch_sent_again_is_answered_with_what_was_made_and_costs_nothing() -> None:
    bench = Bench()
    first = bench.ask(BODY, WRONG, key="key-1")
    bench.catalogue.model_id = "another"
    bench.limiter.count = LIMIT
    again = bench.ask(BODY, WRONG, key="key-1")
    assert (again.body, again.headers["RateLimit"]) == (first.body, '"hour";r=0;t=3600')
    assert (len(bench.queue.sent), bench.limiter.asked) == (1, [USER_ID])
    with pytest.raises(IdempotencyKeyReused):
        bench.ask(BODY, key="key-1")


def test_the_request_that_lost_the_race_gets_the_winners_batch_and_a_refund() -> None:
    bench = Bench()
    first = bench.ask(BODY, WRONG, BODY, key="key-1")
    bench.batches.unseen = 1
    assert bench.ask(BODY, WRONG, BODY, key="key-1").body == first.body
    assert (bench.limiter.count, len(bench.queue.sent)) == (2, 2)
    assert [once for _, once in bench.limiter.given_back] == bench.limiter.onces == ["key-1\n0", "key-1\n2"]


def test_a_key_that_expires_during_the_lookup_is_a_retryable_refusal() -> None:
    bench = Bench()
    bench.ask(BODY, key="key-1")
    bench.batches.unseen = 2
    with pytest.raises(Unavailable):
        bench.ask(BODY, key="key-1")
    assert bench.limiter.count == 1


def test_an_unrecorded_request_is_refunded() -> None:
    bench = Bench(batches=Batches(is_away=True))
    with pytest.raises(Unavailable):
        bench.ask(BODY, BODY)
    assert (bench.limiter.count, bench.queue.sent) == (0, [])


def test_a_request_refused_while_recording_costs_nothing_and_is_not_queued() -> None:
    bench = Bench()
    answer = bench.ask(BODY, BODY | {"prompt": "barred"}, WRONG, key="key-1")
    assert answer.body["counts"] == {"accepted": 1, "refused": 2}
    assert (bench.limiter.count, bench.limiter.given_back) == (1, [(USER_ID, "key-1\n1")])
    assert bench.queue.sent == [{"jobId": bench.batch.jobs[0].id}]


def test_a_batch_refused_completely_while_recording_is_not_created() -> None:
    bench = Bench()
    with pytest.raises(BatchRefused):
        bench.ask(WRONG, BODY | {"prompt": "barred"})
    assert (bench.batches.made, bench.limiter.count) == ({}, 0)


def test_a_batch_confirmed_only_by_looking_is_handed_over_once() -> None:
    class Repeating(Batches):
        """Batches whose first answer was lost: the statements ran again and found their own rows."""

        def add(self, *batch: Any, **more: Any) -> Batch | None:
            """Record a batch, and return what the second attempt returns."""
            super().add(*batch, **more)
            return None

    bench = Bench(batches=Repeating())
    assert bench.ask(BODY, BODY, key="key-1").status == 202
    assert (len(bench.queue.sent), bench.limiter.count) == (2, 2)


def test_a_stranger_makes_nothing() -> None:
    with pytest.raises(Unauthorized):
        Bench().ask(BODY, user_id="")


def test_jobs_are_looked_for_before_they_are_late() -> None:
    assert timedelta(minutes=1) <= UNSENT_CHECK <= timedelta(minutes=5)


def test_a_users_own_rate_counts_for_batches_too() -> None:
    bench = Bench()
    assert bench.ask(*[BODY] * 4, rate_per_hour=3).body["counts"] == {"accepted": 3, "refused": 1}


def test_jobs_whose_model_does_not_work_are_refused_as_they_would_be_alone_and_cost_nothing() -> None:
    bench = Bench(health=Health(refused_for=27))
    with pytest.raises(ModelUnavailable) as caught:
        bench.ask(BODY, BODY)
    results: Any = caught.value.extra["results"]
    assert {result["error"]["code"] for result in results} == {"model_unavailable"}
    assert bench.limiter.count == 0


def test_a_recorded_probe_runs_and_an_unrecorded_one_releases_its_slot() -> None:
    bench = Bench(health=Health(is_probe=True))
    bench.ask(BODY)
    assert bench.health.heard == []
    away = Bench(health=Health(is_probe=True), batches=Batches(is_away=True))
    with pytest.raises(Unavailable):
        away.ask(BODY)
    assert [told for told, _ in away.health.heard] == ["released"]

"""A repeated request with an idempotency key: one job, one answer, paid once."""

from typing import Any

import pytest

from mediagen.errors.refusals import IdempotencyKeyReused, InvalidFields, InvalidIdempotencyKey, Refusal, Unavailable
from mediagen.http.edge import Response
from mediagen.jobs.state import Status
from mediagen.replicate.create_outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from unit.generate_media.bench import BODY, Bench, Limiter
from unit.samples import Provider, Records, prediction


def ask(bench: Bench, key: str = "key-1", body: dict[str, Any] = BODY, user_id: str = "user-1") -> Response:
    return bench.ask(body, user_id, idempotency_key=key)


@pytest.mark.parametrize(
    "outcome",
    [
        Accepted(prediction("starting")),
        NotTaken("throttled", 5),
        Unknown("ReadTimeoutError"),
        Refused("model_unavailable"),
        Refused("invalid_params", ({"field": "input.prompt", "type": "maxLength"},)),
    ],
)
def test_the_answer_is_that_of_the_acceptance_whatever_became_of_the_job(outcome: Outcome) -> None:
    bench = Bench(provider=Provider(outcome))
    first = ask(bench)
    assert (first.status, first.body["status"]) == (202, "queued")
    assert ask(bench) == first
    assert len(bench.provider.created) == len(bench.records.jobs) == 1


def test_a_request_sent_again_costs_no_quota() -> None:
    bench = Bench()
    assert {ask(bench).status for _ in range(5)} == {202}
    assert len(bench.limiter.asked) == 1


def test_it_is_answered_after_the_model_is_gone_and_the_limit_is_reached() -> None:
    bench = Bench()
    first = ask(bench)
    bench.catalogue.model_id = "another"
    bench.limiter.count = 2
    again = ask(bench)
    assert (again.body, again.headers["RateLimit"]) == (first.body, '"hour";r=0;t=3600')


def test_the_key_of_one_user_means_nothing_to_another() -> None:
    bench = Bench()
    assert ask(bench).body["jobId"] != ask(bench, user_id="user-2").body["jobId"]


def test_another_key_and_no_key_make_jobs_of_their_own() -> None:
    bench = Bench(limiter=Limiter(count=None))
    assert len({ask(bench).body["jobId"], ask(bench, "key-2").body["jobId"], bench.ask(BODY).body["jobId"]}) == 3


@pytest.mark.parametrize("body", [BODY | {"prompt": "a boat"}, BODY | {"modelId": "unknown"}, {}])
def test_the_same_key_with_another_body_is_refused_whether_the_body_is_right_or_not(body: dict[str, Any]) -> None:
    bench = Bench()
    ask(bench)
    with pytest.raises(IdempotencyKeyReused):
        ask(bench, body=body)
    assert len(bench.provider.created) == len(bench.limiter.asked) == 1


@pytest.mark.parametrize(
    ("key", "body", "bench"),
    [
        ("", BODY, Bench()),
        ("key-1", {}, Bench()),
        ("key-1", BODY | {"modelId": "unknown"}, Bench()),
        ("key-1", BODY | {"params": {"x": 1}}, Bench()),
        ("key-1", BODY, Bench(limiter=Limiter(count=2))),
        ("key-1", BODY, Bench(records=Records(is_away=True))),
    ],
    ids=["malformed key", "fields", "model", "params", "limit", "database"],
)
def test_a_refused_request_leaves_no_key_behind(key: str, body: dict[str, Any], bench: Bench) -> None:
    with pytest.raises(Refusal):
        ask(bench, key, body)
    assert (bench.records.claims, bench.records.jobs) == ({}, {})


def test_a_malformed_key_is_refused_before_anything_is_looked_at() -> None:
    with pytest.raises(InvalidIdempotencyKey) as caught:
        ask(Bench(records=Records(is_away=True)), "ä")
    assert caught.value.status == 400


def test_the_request_that_lost_the_race_gets_the_winners_job() -> None:
    bench = Bench()
    first = ask(bench)
    bench.unseen = 1
    assert ask(bench).body == first.body
    assert (bench.limiter.count, bench.limiter.given_back) == (1, [("user-1", "key-1")])
    assert len(bench.provider.created) == len(bench.records.jobs) == 1


def test_losing_the_race_to_another_body_is_refused() -> None:
    bench = Bench()
    ask(bench)
    bench.unseen = 1
    with pytest.raises(IdempotencyKeyReused):
        ask(bench, body=BODY | {"prompt": "a boat"})
    assert (len(bench.provider.created), bench.limiter.count) == (1, 1)


def test_a_key_that_expires_during_the_lookup_is_a_retryable_refusal() -> None:
    bench = Bench()
    ask(bench)
    bench.unseen = 2
    with pytest.raises(Unavailable) as caught:
        ask(bench)
    assert (caught.value.retry_after_seconds, bench.limiter.count) == (1, 1)
    assert len(bench.provider.created) == 1


def test_a_job_whose_record_was_confirmed_only_by_looking_is_handed_over_once() -> None:
    class Repeating(Records):
        """Records whose first answer was lost: the statement ran again and found its own row."""

        def add(self, *job: Any, **more: Any) -> bool:
            """Record a job, and return what the second attempt returns."""
            super().add(*job, **more)
            return False

    bench = Bench(records=Repeating())
    job_id = str(ask(bench).body["jobId"])
    assert bench.records.jobs[job_id].status is Status.PROCESSING
    assert len(bench.provider.created) == 1


def test_without_a_key_what_replicate_refuses_is_still_a_422() -> None:
    with pytest.raises(InvalidFields):
        Bench(provider=Provider(Refused("invalid_params"))).ask(BODY)

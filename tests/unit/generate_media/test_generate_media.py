"""Accepting a job: the order of the steps, and what each refusal costs."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mediagen.access.callers import TokenUser
from mediagen.errors.refusals import (
    BudgetExceeded,
    InvalidFields,
    ModelUnavailable,
    RateLimited,
    Refusal,
    TooManyRunningJobs,
    Unauthorized,
    Unavailable,
    UnknownModel,
)
from mediagen.http.edge import Request
from mediagen.jobs.ids import created_at, is_job_id
from mediagen.replicate.create_outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from unit.conftest import Logged
from unit.generate_media.bench import BODY, DEFAULTS, Bench, Limiter
from unit.health import Health
from unit.samples import NOW, Provider, Records, prediction

JSON = {"content-type": "application/json"}
FIELDS = ({"field": "input.prompt", "type": "maxLength"},)


def test_an_accepted_job_is_answered_with_what_a_client_needs_to_follow_it() -> None:
    bench = Bench()
    response = bench.ask(BODY)
    job_id = str(response.body["jobId"])
    assert is_job_id(job_id)
    assert created_at(job_id) == NOW
    assert response.status == 202
    assert response.headers == {
        "Location": f"/status/{job_id}",
        "Retry-After": "2",
        "RateLimit-Policy": '"hour";q=2;w=3600',
        "RateLimit": '"hour";r=1;t=3600',
    }
    assert response.body == {
        "jobId": job_id,
        "status": "processing",
        "mediaType": "image",
        "modelId": "flux-schnell",
        "estimatedTime": 5,
        "estimatedCost": 0.003,
        "createdAt": "2026-11-22T17:00:00.123Z",
        "expiresAt": "2026-11-22T17:30:00.123Z",
        "statusUrl": f"/status/{job_id}",
    }
    assert json.loads(json.dumps(response.body)) == response.body
    assert (bench.records.jobs[job_id].user_id, bench.limiter.asked) == ("user-1", ["user-1"])


def test_a_deadline_of_ones_own_is_the_jobs_and_the_predictions() -> None:
    bench = Bench()
    response = bench.ask(BODY | {"deadlineSeconds": 60})
    assert response.body["expiresAt"] == "2026-11-22T17:01:00.123Z"
    assert [one["deadline_seconds"] for one in bench.provider.created] == [60]


def test_a_deadline_after_the_models_own_is_refused_before_anything_is_spent() -> None:
    bench = Bench()
    assert bench.ask(BODY | {"deadlineSeconds": 1800}).status == 202
    with pytest.raises(InvalidFields) as caught:
        bench.ask(BODY | {"deadlineSeconds": 1801})
    [error] = caught.value.errors
    assert (error.path, error.code, error.allowed) == ("deadlineSeconds", "maximum", 1800)
    assert len(bench.records.jobs) == bench.limiter.count == 1


def test_notes_are_kept_and_go_neither_to_replicate_nor_into_the_log_nor_into_the_answer(logged: Logged) -> None:
    bench = Bench()
    response = bench.ask(BODY | {"metadata": {"customer": "Zwoelf Boxkaempfer", "order": 7}})
    [kept] = bench.records.jobs.values()
    assert kept.metadata == {"customer": "Zwoelf Boxkaempfer", "order": 7}
    assert "Boxkaempfer" not in json.dumps([bench.provider.created, response.body, logged()], default=str)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Accepted(prediction("starting")), "processing"),
        (NotTaken("throttled", 5), "queued"),
        (NotTaken("account problem", 300, operators_fault=True), "queued"),
        (Unknown("ReadTimeoutError"), "submitting"),
        (Refused("model_unavailable"), "failed"),
    ],
)
def test_once_recorded_a_job_is_answered_with_202_and_where_it_stands(outcome: Outcome, status: str) -> None:
    response = Bench(provider=Provider(outcome)).ask(BODY)
    assert (response.status, response.body["status"]) == (202, status)
    assert "account" not in json.dumps(response.body)


def test_a_refusal_by_replicate_is_a_422_with_the_jobs_id() -> None:
    bench = Bench(provider=Provider(Refused("invalid_params", FIELDS)))
    with pytest.raises(InvalidFields) as caught:
        bench.ask(BODY)
    [error] = caught.value.errors
    assert (error.path, error.code) == ("params.prompt", "maxLength")
    assert caught.value.extra == {"jobId": next(iter(bench.records.jobs))}


@pytest.mark.parametrize(
    ("body", "user_id", "refusal"),
    [
        (BODY, "", Unauthorized),
        ({}, "", Unauthorized),
        (BODY | {"modelId": "x"}, "user-1", UnknownModel),
        (BODY | {"params": {"x": 1}}, "user-1", InvalidFields),
        ({}, "user-1", InvalidFields),
    ],
)
def test_a_refused_request_costs_nothing(body: dict[str, Any], user_id: str, refusal: type[Exception]) -> None:
    bench = Bench()
    with pytest.raises(refusal):
        bench.ask(body, user_id)
    assert (bench.limiter.asked, bench.records.jobs, bench.provider.created) == ([], {}, [])


def test_the_limit_holds_and_says_when_more_is_to_be_had(logged: Logged) -> None:
    bench = Bench()
    assert [bench.ask(BODY).status for _ in range(2)] == [202, 202]
    with pytest.raises(RateLimited) as caught:
        bench.ask(BODY, now=NOW + timedelta(minutes=45))
    assert (caught.value.status, caught.value.retry_after_seconds) == (429, 15 * 60)
    assert caught.value.headers == {"RateLimit-Policy": '"hour";q=2;w=3600', "RateLimit": '"hour";r=0;t=900'}
    assert bench.limiter.given_back == []
    assert len(bench.provider.created) == 2
    assert logged()[-1]["action"] == "request.rate_limited"


def test_without_the_limiter_no_request_is_limited() -> None:
    bench = Bench(limiter=Limiter(count=None))
    answers = [bench.ask(BODY) for _ in range(5)]
    assert [answer.status for answer in answers] == [202] * 5
    assert {name for answer in answers for name in answer.headers} == {"Location", "Retry-After"}


def test_a_rate_of_the_callers_own_holds_instead_of_the_platforms() -> None:
    bench = Bench(rate_per_hour=3)
    answers = [bench.ask(BODY) for _ in range(3)]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"hour";q=3;w=3600'}
    with pytest.raises(RateLimited, match="3 generations per hour"):
        bench.ask(BODY)


@pytest.mark.parametrize("refusal", [TooManyRunningJobs("No.", retry_after_seconds=9), BudgetExceeded("No.")])
def test_a_refusal_by_another_limit_costs_no_hourly_unit(refusal: Refusal) -> None:
    bench = Bench(records=Records(refusal=refusal))
    with pytest.raises(type(refusal)):
        bench.ask(BODY)
    with pytest.raises(type(refusal)):
        bench.ask(BODY, idempotency_key="key-1")
    assert (bench.limiter.count, bench.limiter.given_back) == (0, [("user-1", None), ("user-1", "key-1")])
    assert (bench.records.jobs, bench.provider.created, bench.records.defaults) == ({}, [], DEFAULTS)


def test_requests_with_one_key_share_the_last_unit() -> None:
    bench = Bench(unseen=1)
    first = bench.ask(BODY, idempotency_key="key-1")
    bench.records.refusal, bench.unseen = BudgetExceeded("No."), 1
    again = bench.ask(BODY, idempotency_key="key-1")
    assert again.body == first.body
    assert (bench.limiter.count, len(bench.provider.created)) == (1, 1)


def test_a_503_refunds_its_unit_once() -> None:
    bench = Bench(records=Records(is_away=True))
    with pytest.raises(Unavailable):
        bench.ask(BODY)
    with pytest.raises(Unavailable):
        bench.ask(BODY, idempotency_key="key-1")
    assert (bench.limiter.count, bench.limiter.given_back) == (0, [("user-1", None), ("user-1", "key-1")])


def test_without_the_database_nothing_is_accepted_and_no_create_call_is_made() -> None:
    bench = Bench(records=Records(is_away=True))
    with pytest.raises(Unavailable) as caught:
        bench.ask(BODY)
    assert (caught.value.status, caught.value.retry_after_seconds) == (503, 5)
    assert bench.provider.created == []


def test_a_user_whom_a_token_names_is_recorded_before_anything_else() -> None:
    ada, bench = TokenUser("https://login.example.com/", "ada"), Bench()
    bench.send(Request(JSON, {}, {}, json.dumps(BODY).encode(), ada.id, "r", token_user=ada))
    assert bench.recorded == [ada]
    assert [job.user_id for job in bench.records.jobs.values()] == [ada.id]


def test_a_user_with_an_api_key_is_recorded_already() -> None:
    bench = Bench()
    bench.ask(BODY)
    assert bench.recorded == []


def test_a_model_that_is_not_available_costs_nothing_and_says_when_to_ask_again() -> None:
    bench = Bench(health=Health(refused_for=27))
    with pytest.raises(ModelUnavailable) as caught:
        bench.ask(BODY)
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (503, "model_unavailable", True)
    assert caught.value.retry_after_seconds == 27
    assert (bench.limiter.asked, bench.records.jobs, bench.provider.created) == ([], {}, [])


@pytest.mark.parametrize("body", [BODY | {"modelId": "x"}, BODY | {"params": {"x": 1}}])
def test_invalid_requests_are_reported_before_the_models_health(body: dict[str, Any]) -> None:
    with pytest.raises((UnknownModel, InvalidFields)):
        Bench(health=Health(refused_for=27)).ask(body)


@pytest.mark.parametrize("trouble", [{"records": Records(is_away=True)}, {"limiter": Limiter(count=2)}])
def test_a_failed_probe_request_releases_its_slot(trouble: dict[str, Any]) -> None:
    bench = Bench(health=Health(is_probe=True), **trouble)
    with pytest.raises((Unavailable, RateLimited)):
        bench.ask(BODY)
    assert [told for told, _ in bench.health.heard] == ["released"]


def test_a_probe_that_only_repeats_another_request_makes_room_for_the_next() -> None:
    bench = Bench(health=Health(is_probe=True))
    first = bench.ask(BODY, idempotency_key="key-1").body["jobId"]
    bench.unseen = 1
    assert bench.ask(BODY, idempotency_key="key-1").body["jobId"] == first
    assert [(told, job_id == first) for told, job_id in bench.health.heard] == [("taken", True), ("released", False)]


@pytest.mark.parametrize(("is_probe", "heard"), [(True, ["taken"]), (False, [])])
def test_only_a_probe_is_reported_as_submitted(is_probe: bool, heard: list[str]) -> None:
    bench = Bench(health=Health(is_probe=is_probe))
    bench.ask(BODY)
    assert [told for told, _ in bench.health.heard] == heard


def test_a_queued_or_doubtful_probe_is_not_reported_as_submitted() -> None:
    for outcome in (NotTaken("throttled", 5), Unknown("ReadTimeoutError")):
        bench = Bench(health=Health(is_probe=True), provider=Provider(outcome))
        bench.ask(BODY)
        assert "taken" not in [told for told, _ in bench.health.heard]

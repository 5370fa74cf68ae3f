"""The verdict of a run flags every promise that can be broken, and nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chaos.evidence import Evidence, Record
from chaos.ledger import UNANSWERED, Offer
from chaos.verdict import Finding
from chaos.verdict import judge as judge_since

JOB, OTHER = "job-1", "job-2"
KEY = f"images/user/2026/11/29/{JOB}/original.webp"
RECORD = Record(
    "completed", 3, key="key-1", history=(0, 1, 2, 3), last_status="completed", outputs={KEY: 10}
)  # fmt: skip
EVIDENCE = Evidence(
    jobs={JOB: RECORD},
    table={JOB: ("completed", 3)},
    cache={JOB: ("completed", 3)},
    objects={KEY: 10},
    paid={JOB: 1},
    told={},
)


def offer(*job_ids: str, **answers: int) -> Offer:
    heard = Counter({name.removeprefix("s"): count for name, count in answers.items()} or {"202": 1})
    return Offer("key-1", "calm", 0.0, heard, set(job_ids))


def recorded(**changes: Any) -> Evidence:
    return replace(EVIDENCE, jobs={JOB: replace(RECORD, **changes)})


def judge(offers: list[Offer], evidence: Evidence, since: datetime | None = None) -> list[Finding]:
    return judge_since(offers, evidence, deleted_since=since)


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.job_id) for finding in findings]


def test_stores_that_agree_break_no_promise() -> None:
    assert judge([offer(JOB), offer(s503=3)], EVIDENCE) == []


def test_a_status_that_redis_has_forgotten_is_no_difference() -> None:
    assert judge([offer(JOB)], replace(EVIDENCE, cache={})) == []


def test_retryable_answers_break_no_promise() -> None:
    assert judge([offer(JOB, s202=1, s503=4, s500=1, s429=1, unanswered=2)], EVIDENCE) == []
    assert UNANSWERED == "unanswered"


@pytest.mark.parametrize("answer", ["s400", "s401", "s404", "s409", "s422"])
def test_a_final_refusal_of_a_valid_request_is_found(answer: str) -> None:
    assert kinds(judge([offer(**{answer: 1})], EVIDENCE)) == [("differs", "")]


def test_an_accepted_job_that_postgresql_does_not_know_is_lost() -> None:
    assert kinds(judge([offer(OTHER)], EVIDENCE)) == [("lost", OTHER)]


def test_a_202_that_names_no_job_is_lost() -> None:
    assert kinds(judge([offer(s202=1)], EVIDENCE)) == [("lost", "")]


def test_a_job_recorded_for_another_key_is_lost() -> None:
    assert ("lost", JOB) in kinds(judge([offer(JOB)], recorded(key="key-2")))


def test_a_key_with_two_jobs_is_found() -> None:
    two = replace(
        EVIDENCE,
        jobs={JOB: RECORD, OTHER: replace(RECORD, outputs={}, status="canceled", last_status="canceled")},
        table={JOB: ("completed", 3), OTHER: ("canceled", 3)},
    )
    assert kinds(judge([offer(JOB, OTHER)], two)) == [("lost", f"{JOB} {OTHER}")]


@pytest.mark.parametrize("status", ["queued", "submitting", "processing"])
def test_a_job_that_never_completes_is_lost(status: str) -> None:
    assert ("lost", JOB) in kinds(judge([offer(JOB)], recorded(status=status, last_status=status, outputs={})))


def test_a_second_billed_prediction_is_paid_twice() -> None:
    assert kinds(judge([offer(JOB)], replace(EVIDENCE, paid={JOB: 2}))) == [("paid twice", JOB)]


def test_a_prediction_of_an_unknown_job_is_found() -> None:
    assert kinds(judge([offer(JOB)], replace(EVIDENCE, paid={JOB: 1, OTHER: 1}))) == [("paid twice", OTHER)]


@pytest.mark.parametrize(
    "changes",
    [
        {"history": (0, 1, 3)},
        {"history": (0, 1, 2, 3, 3)},
        {"history": (0, 2, 1, 3)},
        {"last_status": "failed"},
        {"outputs": {}, "status": "completed"},
        {"status": "failed", "error_code": "media_expired"},
        {"callback_url": "https://client.example"},
        {"callback_url": "https://client.example", "callback": "pending"},
    ],
)
def test_a_jobs_document_must_be_consistent(changes: dict[str, Any]) -> None:
    found = judge([offer(JOB)], recorded(**changes))
    assert found
    assert {finding.kind for finding in found} == {"differs"}


def failed(code: str, ended_at: datetime) -> Evidence:
    job = replace(RECORD, status="failed", last_status="failed", outputs={}, error_code=code, ended_at=ended_at)
    table = {JOB: ("failed", 3)}
    return replace(EVIDENCE, jobs={JOB: job}, table=table, cache=table, objects={})


NOON, LATER = datetime(2026, 11, 29, 12, tzinfo=UTC), datetime(2026, 11, 29, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "ended_at", "since", "is_explained"),
    [
        ("media_expired", LATER, NOON, True),
        ("media_expired", NOON, LATER, False),
        ("media_expired", NOON, None, False),
        ("internal_error", LATER, NOON, False),
    ],
)
def test_a_failure_needs_a_reason_that_a_fault_explains(
    code: str, ended_at: datetime, since: datetime | None, is_explained: bool
) -> None:
    found = judge([offer(JOB)], failed(code, ended_at), since)
    assert kinds(found) == ([] if is_explained else [("differs", JOB)])


def test_a_delivered_callback_has_to_have_arrived() -> None:
    told = recorded(callback_url="https://client.example", callback="delivered")
    assert judge([offer(JOB)], replace(told, told={JOB: 2})) == []
    assert kinds(judge([offer(JOB)], told)) == [("differs", JOB)]


@pytest.mark.parametrize("table", [{}, {JOB: ("processing", 2)}, {JOB: ("completed", 2)}])
def test_dynamodbs_projection_must_match(table: dict[str, tuple[str, int]]) -> None:
    assert kinds(judge([offer(JOB)], replace(EVIDENCE, table=table))) == [("differs", JOB)]


def test_redis_must_not_have_an_older_projection() -> None:
    assert kinds(judge([offer(JOB)], replace(EVIDENCE, cache={JOB: ("processing", 2)}))) == [("differs", JOB)]


@pytest.mark.parametrize("objects", [{}, {KEY: 9}])
def test_every_row_needs_its_object_of_the_same_size(objects: dict[str, int]) -> None:
    assert kinds(judge([offer(JOB)], replace(EVIDENCE, objects=objects))) == [("differs", JOB)]


def test_an_object_that_no_row_names_is_an_orphan() -> None:
    more = {KEY: 10, KEY.replace("original", "thumbnail"): 5}
    assert kinds(judge([offer(JOB)], replace(EVIDENCE, objects=more))) == [("differs", JOB)]

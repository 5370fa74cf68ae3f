"""Contents of a dead letter that may be shown, and their descriptions."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.dead_letters import Letter, age, read

NOW = datetime(2026, 11, 22, 17, 30, 0, tzinfo=UTC)
JOB = "019aac7c-0000-7000-8000-000000000000"
DELETED = "Replicate has deleted it, so a job that has not ended yet ends as media_expired"


def message(body: object, *, sent: datetime = NOW - timedelta(minutes=30)) -> dict[str, Any]:
    written = body if isinstance(body, str) else json.dumps(body)
    return {"Body": written, "Attributes": {"SentTimestamp": str(int(sent.timestamp() * 1000))}}


def result(**prediction: object) -> dict[str, object]:
    return {"jobId": JOB, "prediction": {"id": "p-1", "status": "succeeded"} | prediction}


@pytest.mark.parametrize(
    ("completed_at", "told"),
    [
        ("2026-11-22T17:20:00Z", "a result to be copied, ready 10 min ago"),
        ("2026-11-22T16:30:01.123456Z", "a result to be copied, ready 59 min ago"),
        ("2026-11-22T16:30:00Z", f"a result to be copied, ready 60 min ago: {DELETED}"),
        ("2026-11-22T16:30:00", f"a result to be copied, ready 60 min ago: {DELETED}"),
        ("2026-11-20T12:00:00Z", f"a result to be copied, ready 2 days ago: {DELETED}"),
        (None, "a result to be copied, ready 30 min ago"),
        ("soon", "a result to be copied, ready 30 min ago"),
        (17, "a result to be copied, ready 30 min ago"),
    ],
)
def test_a_result_older_than_replicates_hour_is_reported_as_lost(completed_at: object, told: str) -> None:
    assert read(message(result(completed_at=completed_at))).told("webhooks", NOW) == told


@pytest.mark.parametrize("status", ["failed", "canceled", None])
def test_a_result_without_a_file_never_expires(status: object) -> None:
    letter = read(message(result(status=status, completed_at="2026-11-20T12:00:00Z")))
    assert letter.told("webhooks", NOW) == "a result to be copied, 30 min old"


@pytest.mark.parametrize(
    ("queue", "told"),
    [
        ("submissions", "a dispatch of queued jobs, 30 min old"),
        ("callbacks", "a callback for a completed job, 30 min old"),
    ],
)
def test_messages_of_other_queues_are_described(queue: str, told: str) -> None:
    letter = read(message({"jobId": JOB}))
    assert (letter.job_id, letter.told(queue, NOW)) == (JOB, told)


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '"geheim"', '{"jobId": "geheim"}', '{"jobId": 1}'])
def test_foreign_messages_are_not_shown(body: str) -> None:
    letter = read(message(body))
    assert letter.job_id is None
    assert letter.told("webhooks", NOW) == "it names no job: a redrive will fail again"


def test_nothing_of_a_body_is_kept() -> None:
    body = result(output="https://replicate.delivery/geheim", error="geheim", status="succeeded") | {"prompt": "geheim"}
    letter = read(message(body))
    assert "geheim" not in repr(letter)
    assert isinstance(letter, Letter)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (119 * 60 + 59, "119 min"),
        (120 * 60, "2 h"),
        (48 * 3600 - 1, "47 h"),
        (14 * 24 * 3600, "14 days"),
    ],
)
def test_ages_are_shown_in_the_largest_unit_that_fits(seconds: int, told: str) -> None:
    assert age(timedelta(seconds=seconds)) == told

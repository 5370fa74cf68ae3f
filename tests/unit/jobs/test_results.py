"""The message that reports a terminal prediction."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.jobs.results import MAX_BYTES, job_id_of, result_message
from unit.samples import JOB_ID, NOW, REPLICATE_ID, WEBHOOK, prediction

KEPT = {
    "id", "status", "output", "error", "metrics", "created_at", "started_at", "completed_at", "model", "version",
    "data_removed",
}  # fmt: skip


def message(**changes: Any) -> dict[str, Any]:
    return result_message(prediction(**changes), NOW)


def test_a_message_has_what_finishing_a_job_needs_and_neither_input_nor_logs() -> None:
    made = message(input={"prompt": "private"}, logs="x" * 1000, output=["https://replicate.delivery/a.png"])
    assert set(made) == {"jobId", "prediction", "receivedAt"}
    assert (made["jobId"], made["receivedAt"]) == (JOB_ID, "2026-11-22T17:00:00.123Z")
    assert set(made["prediction"]) == KEPT
    assert made["prediction"]["output"] == ["https://replicate.delivery/a.png"]


def test_the_size_counts_without_the_logs() -> None:
    assert "fetch" not in message(logs="x" * 1_000_000)


@pytest.mark.parametrize("name", ["output", "error", "metrics"])
def test_an_output_too_large_for_the_queue_is_read_from_replicate_later(name: str) -> None:
    made = message(**{name: "x" * MAX_BYTES})
    assert made["fetch"] is True
    assert made["prediction"][name] is None
    assert (made["prediction"]["id"], made["prediction"]["status"]) == (REPLICATE_ID, "succeeded")


def test_a_message_fits_up_to_the_limit_and_not_one_byte_beyond() -> None:
    room = MAX_BYTES - len(json.dumps(message(output="")))
    assert "fetch" not in message(output="x" * room)
    assert "fetch" in message(output="x" * (room + 1))


@given(st.text('aé\u20ac\U0001f3a8"\\\n', max_size=50).map(lambda text: text * 500), st.integers(1, 40))
def test_no_message_is_larger_than_sqs_takes(text: str, times: int) -> None:
    made = message(output=[text] * times, error=text * times)
    assert len(json.dumps(made, separators=(",", ":")).encode()) <= 256 * 1024


@pytest.mark.parametrize(
    "url",
    [
        WEBHOOK,
        f"https://api.example/webhook/replicate?x=1&jobId={JOB_ID}&y=2",
        f"https://user@[::1]:8443/?jobId={JOB_ID}#fragment",
        f"?jobId={JOB_ID}",
    ],
)
def test_the_job_id_is_found_in_the_query_of_the_webhook_url(url: str) -> None:
    assert job_id_of({"webhook": url}) == JOB_ID


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        [WEBHOOK],
        {"url": WEBHOOK},
        "https://api.example/webhook/replicate",
        f"https://api.example/{JOB_ID}",
        f"https://api.example/#jobId={JOB_ID}",
        f"https://api.example/?jobid={JOB_ID}",
        f"https://api.example/?jobId={JOB_ID}&jobId={JOB_ID}",
        f"https://api.example/?jobId={JOB_ID}%00",
        f"https://api.example/?jobId={JOB_ID.upper()}",
        "https://api.example/?jobId=../../etc/passwd",
        "https://api.example/?jobId=' OR 1=1 --",
        f"https://[::1?jobId={JOB_ID}",
        f"https://a\u2100b/?jobId={JOB_ID}",
        "https://api.example/?" + "&".join(["jobId=1"] * 5000),
        "\0" * 100,
    ],
)
def test_a_hostile_or_foreign_url_has_no_job_id(url: object) -> None:
    assert job_id_of({"webhook": url}) is None


@given(st.text())
def test_no_url_makes_the_search_fail(url: str) -> None:
    assert job_id_of({"webhook": url}) is None
    assert job_id_of({}) is None

"""A job's progress, the wait for a busy API, and the names of saved files."""

import pytest

from common.api import Response
from common.downloads import names
from common.job_polling import Snapshot
from common.retries import Refused, pause_after


def snapshot(percent: int, source: str, status: str = "processing") -> Snapshot:
    return Snapshot(
        {"status": status, "estimatedTime": 40, "progress": {"percent": percent, "source": source}}, "", taken=100.0
    )


def test_between_two_looks_an_estimate_by_time_goes_on_and_stops_short_of_the_end() -> None:
    assert [snapshot(25, "time").percent(now) for now in (100.0, 110.0, 1000.0)] == [25, 50, 95]


def test_what_the_logs_say_stays_until_they_are_read_again() -> None:
    assert snapshot(60, "logs").percent(1000.0) == 60


def test_a_job_that_waits_does_not_advance() -> None:
    assert snapshot(0, "time", "queued").percent(1000.0) == 0


def test_a_job_that_has_ended_is_whole() -> None:
    assert Snapshot({"status": "completed", "progress": None}, "", 0.0).percent(1.0) == 100


@pytest.mark.parametrize(("header", "seconds"), [("0", 0.0), ("17", 17.0)])
def test_the_api_says_how_long_to_wait(header: str, seconds: float) -> None:
    assert pause_after(Refused(Response(429, {"retry-after": header}, b"")), attempt=3) == seconds


@pytest.mark.parametrize("headers", [{}, {"retry-after": "soon"}])
def test_without_its_word_the_wait_grows(headers: dict[str, str]) -> None:
    refused = Refused(Response(503, headers, b""))
    assert 0.5 <= pause_after(refused, attempt=1) <= 1 < 2 <= pause_after(refused, attempt=3) <= 4


def test_files_are_named_by_kind_number_and_content_type() -> None:
    def output(kind: str, content_type: str, path: str = "/x.bin") -> dict[str, str]:
        return {"kind": kind, "contentType": content_type, "url": f"https://host{path}?signature=a.b"}

    outputs = [
        output("original", "image/webp"),
        output("original", "image/webp"),
        output("thumbnail", "image/jpeg; charset=x"),
        output("preview", "application/x-unheard-of"),
        output("../../etc", "image/png"),
    ]
    assert names(outputs, "job-") == [
        "job-original.webp",
        "job-original-2.webp",
        "job-thumbnail.jpg",
        "job-preview.bin",
        "job-------etc.png",
    ]

"""A job's progress, and the recommended time of the next poll."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.jobs.job import Document
from mediagen.jobs.left_out import LeftOut
from mediagen.jobs.state import Status
from mediagen.jobs.view import look_again_seconds, progress, view
from unit.samples import NOW, job


def running(**changes: object) -> Document:
    """Make the document of a job that takes an estimated 100 seconds and runs at Replicate since NOW."""
    values: dict[str, object] = {"started_at": NOW, "estimated_seconds": 100}
    return job(Status.PROCESSING, **(values | changes)).document()


@pytest.mark.parametrize(
    ("seconds", "percent"), [(-5, 0), (0, 0), (1.9, 1), (50, 50), (94.9, 94), (96, 95), (9999, 95)]
)
def test_without_logs_progress_is_the_share_of_the_estimate_and_never_complete(seconds: float, percent: int) -> None:
    told = progress(running(), NOW + timedelta(seconds=seconds))
    assert told == {"percent": percent, "source": "time"}


@pytest.mark.parametrize(("logged", "percent"), [(0, 0), (40, 40), (100, 99)])
def test_what_the_logs_said_goes_before_the_time(logged: int, percent: int) -> None:
    told = progress(running(logged_percent=logged), NOW + timedelta(hours=1))
    assert told == {"percent": percent, "source": "logs"}


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SUBMITTING])
def test_a_job_that_replicate_does_not_have_has_not_begun(status: Status) -> None:
    assert progress(job(status).document(), NOW + timedelta(hours=1)) == {"percent": 0, "source": "time"}


@pytest.mark.parametrize("status", [status for status in Status if status.is_final])
def test_a_job_that_has_ended_has_no_progress(status: Status) -> None:
    assert progress(job(status, logged_percent=40).document(), NOW) is None


def test_what_was_left_out_is_shown_with_its_reason() -> None:
    document = job(Status.COMPLETED, left_out=(LeftOut(2, "media_expired", 3),)).document()
    body = view(document, now=NOW, sign=str, link_seconds=900)
    assert body["partial"] is True
    assert body["leftOut"] == [
        {
            "position": 2,
            "count": 3,
            "code": "media_expired",
            "message": "The generated file was deleted before it could be stored.",
        }
    ]


def test_a_document_of_an_earlier_release_leaves_nothing_out() -> None:
    old = {name: value for name, value in job().document().items() if name not in ("leftOut", "partial")}
    body = view(old, now=NOW, sign=str, link_seconds=900)
    assert (body["leftOut"], body["partial"]) == ([], False)


def test_a_document_from_before_these_fields_counts_from_its_creation() -> None:
    old = {name: value for name, value in running().items() if name not in ("startedAt", "loggedPercent")}
    assert progress(old, NOW + timedelta(seconds=50)) == {"percent": 50, "source": "time"}


@pytest.mark.parametrize(
    ("seconds", "again"), [(0, 30), (40, 30), (60, 20), (90.5, 5), (100, 2), (102, 2), (120, 10), (9999, 30)]
)
def test_one_looks_again_after_half_of_the_distance_to_the_estimated_end(seconds: float, again: int) -> None:
    assert look_again_seconds(running(), NOW + timedelta(seconds=seconds)) == again


@given(st.integers(0, 100_000), st.floats(-1e6, 1e6))
def test_progress_and_the_next_look_are_in_their_bounds_whatever_the_estimate(estimate: int, seconds: float) -> None:
    document, now = running(estimated_seconds=estimate), NOW + timedelta(seconds=seconds)
    assert 2 <= look_again_seconds(document, now) <= 30
    told = progress(document, now)
    assert told is not None
    assert 0 <= int(str(told["percent"])) < 100


def test_the_view_changes_nothing_in_the_document() -> None:
    document = running()
    before = dict(document)
    view(document, now=NOW, sign=lambda key: key, link_seconds=900)
    assert document == before

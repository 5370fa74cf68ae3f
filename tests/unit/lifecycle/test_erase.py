"""Erasing a deleted job: completely, or as far as possible and then again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from mediagen.jobs.epochs import NEVER_RESTORED
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.state import Status
from mediagen.jobs.transition import STORING
from mediagen.lifecycle.erase import AGAIN_IN, AT_ONCE, BATCH, erase, erase_due_jobs, folders
from mediagen.records.deletions import Leftover
from unit.conftest import Logged
from unit.erasure import Erasure
from unit.samples import JOB_ID, NOW, USER_ID, job
from unit.stored import description

DONE = job(Status.COMPLETED, revision=4)
MEDIA = f"images/{USER_ID}/2026/11/22/{JOB_ID}/"
EVERYTHING = ["hidden 4", MEDIA, f"temp/{JOB_ID}/", "scrubbed"]
LATER = NOW + STORING


def test_projections_media_and_record_are_erased_in_this_order(logged: Logged) -> None:
    erasure = Erasure()
    assert erase(DONE, now=LATER, ports=erasure.ports)
    assert (erasure.done, erasure.look_again) == (EVERYTHING, {JOB_ID: None})
    [line] = logged()
    assert (line["action"], line["jobId"]) == ("job.erased", JOB_ID)


def test_all_places_of_a_job_are_its_own() -> None:
    assert folders(DONE) == (MEDIA, f"temp/{JOB_ID}/")
    assert all(JOB_ID in folder for folder in folders(replace(DONE, media_type="video")))


def test_while_a_result_may_still_be_stored_the_erasure_is_repeated(logged: Logged) -> None:
    """A job was canceled and deleted while its media was being copied: files stored later must be erased also."""
    erasure = Erasure()
    assert erase(DONE, now=LATER - timedelta(microseconds=1), ports=erasure.ports)
    assert erasure.look_again == {JOB_ID: LATER}
    assert erase(DONE, now=LATER, ports=erasure.ports)
    assert erasure.look_again == {JOB_ID: None}


@pytest.mark.parametrize("part", ["table", "images", "temp"])
def test_a_part_that_fails_leaves_the_others_and_is_tried_again(part: str, logged: Logged) -> None:
    erasure = Erasure(away={part})
    assert not erase(DONE, now=LATER, ports=erasure.ports)
    assert "scrubbed" in erasure.done
    assert erasure.look_again == {JOB_ID: LATER + AGAIN_IN}
    assert logged()[-1]["action"] == "job.erased_in_part"
    erasure.away.clear()
    assert erase(DONE, now=LATER, ports=erasure.ports)
    assert erasure.look_again == {JOB_ID: None}


def test_due_erasures_run_job_by_job_and_one_failure_stops_no_other(logged: Logged) -> None:
    other = replace(DONE, id=new_job_id(NOW), media_type="audio")
    erasure = Erasure([Leftover(DONE, True), Leftover(other, True)], away={"images"})
    assert erase_due_jobs(now=LATER, seconds_left=lambda: 20.0, ports=erasure.ports) == 2
    assert erasure.look_again == {JOB_ID: LATER + AGAIN_IN, other.id: None}
    assert erasure.claimed == [(LATER, AGAIN_IN, BATCH)]


def test_a_failed_job_loses_only_its_media_and_failures_are_retried(logged: Logged) -> None:
    failed = Leftover(job(Status.FAILED, revision=4), False)
    erasure = Erasure([failed])
    assert erase_due_jobs(now=LATER, seconds_left=lambda: 20.0, ports=erasure.ports) == 1
    assert erasure.done == [MEDIA, f"temp/{JOB_ID}/", "cleared"]
    away = Erasure([failed], away={"images"})
    erase_due_jobs(now=LATER, seconds_left=lambda: 20.0, ports=away.ports)
    assert away.done == [f"temp/{JOB_ID}/"]


def test_without_the_database_every_job_is_left_for_the_next_run(logged: Logged) -> None:
    erasure = Erasure([Leftover(DONE, True)] * 2, away={"database"})
    assert erase_due_jobs(now=LATER, seconds_left=lambda: 20.0, ports=erasure.ports) == 2
    assert [line["action"] for line in logged()] == ["degraded", "degraded"]


def test_without_time_nothing_is_begun() -> None:
    erasure = Erasure([Leftover(DONE, True)])
    assert erase_due_jobs(now=LATER, seconds_left=lambda: 4.9, ports=erasure.ports) == 0
    assert erasure.claimed == []


def test_erasures_without_time_left_wait(logged: Logged) -> None:
    erasure, clock = Erasure([Leftover(DONE, True)] * 2), iter([20.0, 20.0, 4.9])
    seconds_left: Iterator[float] = clock
    assert erase_due_jobs(now=LATER, seconds_left=lambda: next(seconds_left), ports=erasure.ports) == 2
    assert erasure.done == EVERYTHING


def test_all_that_is_left_is_erased_batch_by_batch(logged: Logged) -> None:
    class Many(Erasure):
        def claim(self, **asked: Any) -> list[Leftover]:
            super().claim(**asked)
            taken, self.left = self.left[:BATCH], self.left[BATCH:]
            return list(taken)

    jobs = [replace(DONE, id=new_job_id(NOW)) for _ in range(2 * BATCH + 1)]
    erasure = Many([Leftover(each, True) for each in jobs])
    assert erase_due_jobs(now=LATER, seconds_left=lambda: 20.0, ports=erasure.ports) == 2 * BATCH + 1
    assert erasure.look_again.keys() == {each.id for each in jobs}


def test_folders_are_emptied_several_at_a_time(logged: Logged) -> None:
    together = Barrier(AT_ONCE)

    class Slow(Erasure):
        def erase(self, prefix: str) -> int:
            together.wait(30)
            return super().erase(prefix)

    erasure = Slow([Leftover(replace(DONE, id=new_job_id(NOW)), True) for _ in range(AT_ONCE)])
    erase_due_jobs(now=LATER, seconds_left=lambda: 20.0, ports=erasure.ports)
    assert erasure.done.count("scrubbed") == AT_ONCE


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELED])
@pytest.mark.parametrize(
    ("age", "is_kept"), [(timedelta(hours=1), True), (timedelta(seconds=1), True), (timedelta(0), False)]
)
def test_a_folder_with_a_success_from_before_the_epoch_is_never_emptied(
    status: Status, age: timedelta, is_kept: bool, logged: Logged
) -> None:
    restored = job(status, epoch=LATER)
    body = description(stored_at=LATER - age)
    erasure = Erasure([Leftover(restored, False)], objects={f"{MEDIA}metadata.json": body})
    erase_due_jobs(now=LATER + STORING, seconds_left=lambda: 60.0, ports=erasure.ports)
    assert erasure.done == (["cleared"] if is_kept else [MEDIA, f"temp/{JOB_ID}/", "cleared"])
    assert [(line["action"], line["MediaKept"]) for line in logged()] == ([("media.kept", 1)] if is_kept else [])


def test_a_folder_whose_description_cannot_be_read_is_not_emptied_after_a_restore(logged: Logged) -> None:
    left = [Leftover(job(Status.FAILED, epoch=LATER), False)]
    erasure = Erasure(left, objects={f"{MEDIA}metadata.json": b"{"})
    erase_due_jobs(now=LATER, seconds_left=lambda: 60.0, ports=erasure.ports)
    assert erasure.done == ["cleared"]
    unknown = Erasure(left, away={"bucket"})
    erase_due_jobs(now=LATER, seconds_left=lambda: 60.0, ports=unknown.ports)
    assert unknown.done == []


def test_without_a_restore_the_folder_is_not_read(logged: Logged) -> None:
    erasure = Erasure([Leftover(job(Status.FAILED, epoch=NEVER_RESTORED), False)], away={"bucket"})
    erase_due_jobs(now=LATER, seconds_left=lambda: 60.0, ports=erasure.ports)
    assert erasure.done == [MEDIA, f"temp/{JOB_ID}/", "cleared"]


def test_a_deleted_job_is_erased_also_after_a_restore() -> None:
    restored = replace(DONE, epoch=LATER)
    erasure = Erasure(objects={f"{MEDIA}metadata.json": description(stored_at=NOW)})
    assert erase(restored, now=LATER, ports=erasure.ports)
    assert erasure.done == EVERYTHING

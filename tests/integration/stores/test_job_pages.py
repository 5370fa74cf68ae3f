"""Pages of a user's own jobs: newest first, each job once, also while new jobs arrive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from integration.stores.jobs import NOW, add_user, added, in_status
from mediagen.jobs.state import Status
from mediagen.records.database import Database
from mediagen.records.job_lists import Filters, JobLists, page_sql
from mediagen.records.jobs import JobRecords

SECOND = timedelta(seconds=1)


@pytest.fixture
def lists(database: Database) -> JobLists:
    return JobLists(database)


def ids(lists: JobLists, user_id: str, filters: Filters = Filters(), *, limit: int = 99) -> list[str]:  # noqa: B008
    found: list[str] = []
    while page := lists.page(user_id, filters, before_id=found[-1] if found else None, limit=limit):
        assert len(page) <= limit
        found += [job.id for job in page]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_jobs_of_one_millisecond_and_of_others_come_newest_first_and_once(
    lists: JobLists, records: JobRecords, user_id: str, limit: int
) -> None:
    moments = [NOW, NOW, NOW, NOW + SECOND, NOW + SECOND, NOW - SECOND, NOW]
    jobs = [added(records, user_id, now=moment) for moment in moments]
    assert ids(lists, user_id, limit=limit) == sorted((job.id for job in jobs), reverse=True)


def test_a_job_that_comes_in_between_moves_no_page(lists: JobLists, records: JobRecords, user_id: str) -> None:
    old, new = added(records, user_id), added(records, user_id, now=NOW + SECOND)
    [first] = lists.page(user_id, Filters(), before_id=None, limit=1)
    added(records, user_id, now=NOW + 2 * SECOND)
    rest = lists.page(user_id, Filters(), before_id=first.id, limit=9)
    assert (first.id, [job.id for job in rest]) == (new.id, [old.id])


def test_a_page_shows_jobs_as_they_are_but_for_params_and_outputs(
    lists: JobLists, records: JobRecords, user_id: str
) -> None:
    jobs = {status: in_status(records, user_id, status) for status in Status}
    shown = {job.status: job for job in lists.page(user_id, Filters(), before_id=None, limit=9)}
    assert shown == {status: replace(job, params={}, outputs=()) for status, job in jobs.items()}


def test_each_filter_leaves_out_what_it_says(lists: JobLists, records: JobRecords, user_id: str) -> None:
    image = added(records, user_id)
    video = added(records, user_id, now=NOW + SECOND, media_type="video", model_id="stability-video")
    done = in_status(records, user_id, Status.COMPLETED)
    assert ids(lists, user_id, Filters(media_type="video")) == [video.id]
    assert ids(lists, user_id, Filters(model_id="stability-video")) == [video.id]
    assert ids(lists, user_id, Filters(status=Status.COMPLETED)) == [done.id]
    assert ids(lists, user_id, Filters(created_after=NOW)) == [video.id]
    assert ids(lists, user_id, Filters(Status.SUBMITTING, "image", "flux-schnell", NOW - SECOND)) == [image.id]
    assert ids(lists, user_id, Filters(status=Status.QUEUED)) == []


def test_a_user_sees_only_own_jobs(lists: JobLists, records: JobRecords, user_id: str, sql: Any) -> None:
    theirs = added(records, add_user(sql), now=NOW + SECOND)
    mine = added(records, user_id)
    assert ids(lists, user_id) == [mine.id]
    assert lists.page(user_id, Filters(), before_id=theirs.id, limit=9) == lists.page(
        user_id, Filters(), before_id=None, limit=9
    )


def test_the_key_is_the_databases_and_every_container_has_the_same(databases: Callable[[], Database]) -> None:
    one, other = (JobLists(databases()).signing_key() for _ in range(2))
    assert one == other
    assert len(one) == 32


def test_a_page_is_found_by_the_index(sql: Any, user_id: str) -> None:
    """With many rows PostgreSQL would choose the index; with few rows sequential scans must be disabled."""
    asked = {"user_id": user_id, "before": NOW, "before_id": str(uuid4()), "limit": 5}
    sql.run("SET enable_seqscan = off")
    plan = "\n".join(line for [line] in sql.run(f"EXPLAIN {page_sql(['before_id'])}", **asked))
    sql.run("RESET enable_seqscan")
    assert "jobs_of_user" in plan
    assert "created_at" in plan.partition("Index Cond:")[2].partition("\n")[0]

"""Pages of jobs: allowed filters, visible fields, and cursors that are bound to their user and filters."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_jobs.cursor import read_cursor, write_cursor
from list_jobs.flow import list_jobs
from mediagen.errors.refusals import InvalidFields, Unauthorized
from mediagen.http.edge import Request
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.job_lists import Filters, JobLists
from unit.samples import JOB_ID, NOW, USER_ID, job

KEY = b"k" * 32
JOBS = [job(id=new_job_id(NOW, lambda bits, n=number: n)) for number in range(5, 0, -1)]  # type: ignore[misc]


@dataclass
class Lists(JobLists):
    """Five jobs, and a record of the queries."""

    asked: list[tuple[str, Filters, str | None, int]] = field(default_factory=list)

    def page(self, user_id: str, filters: Filters, *, before_id: str | None, limit: int) -> list[Job]:
        self.asked.append((user_id, filters, before_id, limit))
        return [one for one in JOBS if before_id is None or one.id < before_id][:limit]

    def signing_key(self) -> bytes:
        return KEY


def ask(lists: Lists | None = None, /, *, user_id: str = USER_ID, **query: str) -> Any:
    return list_jobs(Request({}, {}, query, b"", user_id, "r"), lists=lists or Lists()).body


def errors(**query: str) -> list[tuple[str, str, object]]:
    """Request a page that is refused; return the errors."""
    lists = Lists()
    with pytest.raises(InvalidFields) as caught:
        ask(lists, **query)
    assert lists.asked == []
    return [(error.path, error.code, error.allowed) for error in caught.value.errors]


def test_jobs_are_shown_without_inner_names_params_and_files() -> None:
    shown = ask()["jobs"][0]
    assert (shown["jobId"], shown["statusUrl"]) == (JOBS[0].id, f"/status/{JOBS[0].id}")
    assert not {"userId", "revision", "replicateId", "params", "outputs", "deadlineAt"} & set(shown)
    assert (shown["metadata"], shown["retryOf"], shown["expiresAt"]) == ({}, None, "2026-11-22T17:30:00.123Z")


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_page_after_page_every_job_is_shown_once(limit: int) -> None:
    shown: list[str] = []
    query = {"limit": str(limit)}
    while True:
        body = ask(None, **query)
        shown += [one["jobId"] for one in body["jobs"]]
        if body["nextCursor"] is None:
            break
        assert len(body["jobs"]) == limit
        query["cursor"] = body["nextCursor"]
    assert shown == [one.id for one in JOBS]


def test_the_filters_reach_the_list() -> None:
    lists = Lists()
    ask(lists, status="failed", mediaType="video", modelId="m", createdAfter="2026-11-22T18:00:00+01:00", limit="7")
    after = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert lists.asked == [(USER_ID, Filters(Status.FAILED, "video", "m", after), None, 8)]


def test_without_a_limit_a_page_has_twenty() -> None:
    lists = Lists()
    ask(lists)
    assert lists.asked == [(USER_ID, Filters(), None, 21)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "done"}, ("status", "enum", [str(status) for status in Status])),
        ({"status": ""}, ("status", "enum", [str(status) for status in Status])),
        ({"mediaType": "text"}, ("mediaType", "enum", ["video", "image", "audio"])),
        ({"modelId": ""}, ("modelId", "maxLength", 100)),
        ({"modelId": "m" * 101}, ("modelId", "maxLength", 100)),
        ({"modelId": "a\0"}, ("modelId", "maxLength", 100)),
        ({"modelId": "\x8as"}, ("modelId", "maxLength", 100)),
        ({"modelId": "a\n"}, ("modelId", "maxLength", 100)),
        ({"modelId": "\ud800"}, ("modelId", "maxLength", 100)),
        ({"createdAfter": "yesterday"}, ("createdAfter", "format", "date-time")),
        ({"createdAfter": ""}, ("createdAfter", "format", "date-time")),
        ({"createdAfter": "2026-11-22T17:00:00 01:00"}, ("createdAfter", "format", "date-time")),
        ({"createdAfter": "0001-01-01T00:00:00+14:00"}, ("createdAfter", "format", "date-time")),
        ({"limit": "0"}, ("limit", "range", [1, 100])),
        ({"limit": "101"}, ("limit", "range", [1, 100])),
        ({"limit": "-1"}, ("limit", "range", [1, 100])),
        ({"limit": "²"}, ("limit", "range", [1, 100])),
        ({"limit": "9" * 5000}, ("limit", "range", [1, 100])),
        ({"limit": ""}, ("limit", "range", [1, 100])),
    ],
    ids=str,
)
def test_an_invalid_query_is_named(query: dict[str, str], expected: tuple[str, str, object]) -> None:
    assert errors(**query) == [expected]


def test_an_unknown_parameter_is_refused_since_it_would_filter_nothing() -> None:
    known = ["createdAfter", "cursor", "limit", "mediaType", "modelId", "status"]
    assert errors(state="failed") == [("state", "unknown", known)]


@pytest.mark.parametrize("cursor", ["", "x", "a" * 43, "ä" * 43, "=" * 43, "+/" + "a" * 41, "a" * 5000])
def test_a_cursor_that_is_made_up_is_refused(cursor: str) -> None:
    assert errors(cursor=cursor) == [("cursor", "invalid", None)]


def test_a_cursor_holds_for_its_filters_and_its_user_only() -> None:
    cursor = ask(limit="2", status="failed")["nextCursor"]
    assert ask(limit="1", cursor=cursor, status="failed")["jobs"]
    assert errors(cursor=cursor) == errors(cursor=cursor, status="queued") == [("cursor", "invalid", None)]
    with pytest.raises(InvalidFields):
        ask(cursor=cursor, status="failed", user_id="somebody-else")


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_cursors(text: str) -> None:
    assert read_cursor(text, user_id=USER_ID, filters=Filters(), key=KEY) is None


@given(st.integers(0, 42), st.sampled_from("ABCabc019-_"))
def test_a_changed_cursor_is_none(at: int, character: str) -> None:
    cursor = write_cursor(JOB_ID, user_id=USER_ID, filters=Filters(), key=KEY)
    changed = cursor[:at] + character + cursor[at + 1 :]
    read = read_cursor(changed, user_id=USER_ID, filters=Filters(), key=KEY)
    assert read == (JOB_ID if at == 42 and read else None) or changed == cursor  # the last two bits are padding


def test_with_another_key_a_cursor_does_not_hold() -> None:
    cursor = write_cursor(JOB_ID, user_id=USER_ID, filters=Filters(), key=KEY)
    assert read_cursor(cursor, user_id=USER_ID, filters=Filters(), key=KEY) == JOB_ID
    assert read_cursor(cursor, user_id=USER_ID, filters=Filters(), key=b"l" * 32) is None


def test_without_a_user_nothing_is_listed() -> None:
    lists = Lists()
    with pytest.raises(Unauthorized):
        ask(lists, user_id="")
    assert lists.asked == []

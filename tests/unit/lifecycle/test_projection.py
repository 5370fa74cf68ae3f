"""A job's projections in the faster stores."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.aws.attribute_values import marshal_item, unmarshal_item
from mediagen.jobs.failures import failure
from mediagen.jobs.ids import created_at, new_job_id
from mediagen.jobs.job import Job, Output, is_tombstone
from mediagen.jobs.state import Status
from mediagen.lifecycle.projection import KEEP, REST, Projection, document, item
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, USER_ID, Queue, job
from unit.screen import Screen

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
MONEY = st.decimals(0, 10_000, places=6)
NUMBERS = st.none() | st.integers(1, 10_000)
FLOATS = st.floats(-(2.0**53), 2.0**53)  # also those outside DynamoDB's number range
SECONDS = st.none() | st.floats(0, 1e6)
OUTPUTS = st.builds(
    Output, st.just("original"), st.text(), st.text(), st.integers(0, 2**40), st.text(), NUMBERS, NUMBERS, SECONDS
)
JOBS = st.builds(
    replace,
    st.just(job()),
    id=MOMENTS.map(new_job_id),
    status=st.sampled_from(Status),
    created_at=MOMENTS,
    updated_at=MOMENTS,
    started_at=st.none() | MOMENTS,
    completed_at=st.none() | MOMENTS,
    logged_percent=st.none() | st.integers(0, 100),
    revision=st.integers(1, 100),
    replicate_id=st.none() | st.text(min_size=1),
    estimated_cost=MONEY,
    cost=st.none() | MONEY,
    metadata=st.dictionaries(st.text(max_size=40), st.text() | st.booleans() | st.integers() | FLOATS, max_size=16),
    retry_of=st.none() | MOMENTS.map(new_job_id),
    error=st.none() | st.just(failure("no_output")),
    outputs=st.lists(OUTPUTS, max_size=3).map(tuple),
)


class Table:
    """A job table that keeps one item, or is down."""

    def __init__(self, kept: Mapping[str, Any] | None = None, is_away: bool = False) -> None:
        self.kept, self.is_away = kept, is_away
        self.keys: list[tuple[str, str]] = []

    def put(self, kept: Mapping[str, Any]) -> bool:
        if self.is_away:
            raise OSError("away")
        self.kept = kept
        return True

    def get(self, job_id: str, timestamp: str) -> dict[str, Any] | None:
        if self.is_away:
            raise OSError("away")
        self.keys.append((job_id, timestamp))
        return None if self.kept is None else dict(self.kept)


class Kept:
    """A cache that keeps documents."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def remember_status(self, kept: dict[str, Any], **_more: object) -> None:
        self.documents.append(kept)


def projection(table: Table, cache: Kept | None = None, callbacks: Queue | None = None) -> Projection:
    return Projection(table, cache or Kept(), Screen(), callbacks)  # type: ignore[arg-type]


@given(JOBS)
def test_a_document_survives_the_job_table(made: Job) -> None:
    assert document(unmarshal_item(marshal_item(item(made)))) == made.document()


@given(JOBS)
def test_a_document_survives_the_cache(made: Job) -> None:
    assert json.loads(json.dumps(made.document(), allow_nan=False)) == made.document()


@given(JOBS)
def test_no_index_key_is_null_and_nothing_private_is_shown(made: Job) -> None:
    written = item(made)
    assert None not in written.values()
    assert "lighthouse" not in json.dumps(written)
    assert "params" not in written


def test_an_item_has_the_ids_time_as_sort_key_and_expires_after_seven_days() -> None:
    written = item(job())
    assert written["timestamp"] == written["createdAt"] == "2026-11-22T17:00:00.123Z"
    assert timedelta(days=7) == KEEP
    assert written["expiresAt"] == int((NOW + timedelta(days=7)).timestamp())


def test_a_document_is_what_the_api_shows() -> None:
    done = job(Status.COMPLETED, cost=Decimal("0.003"), error=None, revision=4)
    assert done.document() == {
        "jobId": JOB_ID,
        "userId": USER_ID,
        "revision": 4,
        "replicateId": done.replicate_id,
        "status": "completed",
        "mediaType": "image",
        "modelId": "flux-schnell",
        "createdAt": "2026-11-22T17:00:00.123Z",
        "updatedAt": "2026-11-22T17:00:00.123Z",
        "startedAt": None,
        "completedAt": "2026-11-22T17:00:00.123Z",
        "deadlineAt": "2026-11-22T17:30:00.123Z",
        "estimatedTime": 5,
        "estimatedCost": 0.003,
        "cost": 0.003,
        "loggedPercent": None,
        "metadata": {},
        "retryOf": None,
        "error": None,
        "outputs": [],
        "leftOut": [],
        "partial": False,
    }


def test_a_projection_fills_both_stores() -> None:
    table, cache = Table(), Kept()
    projection(table, cache).show(job())
    assert table.kept == item(job())
    assert cache.documents == [job().document()]


def test_a_tombstone_has_nothing_but_its_place_and_a_day_to_live() -> None:
    table, cache = Table(), Kept()
    assert projection(table, cache).hide(job(Status.COMPLETED, revision=5), NOW)
    assert cache.documents == [{"jobId": JOB_ID, "revision": 5, "deleted": True}]
    place = {"timestamp": "2026-11-22T17:00:00.123Z", "expiresAt": int((NOW + timedelta(days=1)).timestamp())}
    assert table.kept == cache.documents[0] | place
    assert is_tombstone(document(table.kept)) and not is_tombstone(job().document())


def test_an_item_that_the_table_still_has_is_reported() -> None:
    assert not projection(Table(is_away=True)).hide(job(Status.COMPLETED), NOW)


def test_items_of_before_have_no_metadata() -> None:
    older = {name: value for name, value in item(job()).items() if name != "metadata"}
    assert document(older) == job().document()


def test_a_table_outage_is_counted_and_the_cache_is_filled(logged: Logged) -> None:
    cache = Kept()
    projection(Table(is_away=True), cache).show(job())
    assert len(cache.documents) == 1
    [line] = logged()
    assert (line["action"], line["part"], line["jobId"]) == ("degraded", "job_table", JOB_ID)


def test_after_a_failure_the_tables_circuit_opens_for_seconds_except_for_tombstones(logged: Logged) -> None:
    table, passed = Table(is_away=True), [0.0]
    resting = Projection(table, Kept(), Screen(), clock=lambda: NOW + timedelta(seconds=passed[0]))  # type: ignore[arg-type]
    resting.show(job())
    table.is_away, passed[0] = False, REST.total_seconds() - 0.1
    resting.show(job())
    assert (resting.read(JOB_ID), table.kept, table.keys) == (None, None, [])
    assert resting.hide(job(Status.COMPLETED), NOW) and table.kept
    passed[0] += 0.1
    assert resting.read(JOB_ID)
    assert [line["part"] for line in logged()] == ["job_table"] * 3


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("url", [None, "https://hooks.example.com/vsl"])
def test_projecting_a_completed_job_reports_its_callback_as_due(status: Status, url: str | None) -> None:
    queue = Queue()
    projection(Table(), callbacks=queue).show(job(status, callback_url=url))
    assert queue.sent == ([({"jobId": JOB_ID}, 0)] if url and status.is_final else [])


def test_a_message_that_cannot_be_sent_is_counted_and_left_to_the_poller(logged: Logged) -> None:
    projection(Table(), callbacks=Queue(is_away=True)).show(job(Status.COMPLETED, callback_url="https://a.com"))
    assert [(line["action"], line["part"]) for line in logged()] == [("degraded", "callbacks")]


def test_the_address_of_a_callback_is_in_no_projection() -> None:
    table, cache = Table(), Kept()
    projection(table, cache).show(job(Status.COMPLETED, callback_url="https://hooks.example.com/?token=secret"))
    assert "hooks.example.com" not in json.dumps([table.kept, cache.documents])


@pytest.mark.parametrize("table", [Table(), Table(is_away=True)])
def test_a_missing_or_unreadable_item_is_none(table: Table) -> None:
    assert projection(table).read(JOB_ID) is None


def test_an_item_is_read_by_id_and_the_time_in_it() -> None:
    table = Table(item(job()))
    assert projection(table).read(JOB_ID) == job().document()
    assert table.keys == [(JOB_ID, "2026-11-22T17:00:00.123Z")]
    assert created_at(JOB_ID) == NOW


def test_a_job_is_named_in_the_log_by_ids_type_and_model() -> None:
    named = job().subject
    assert (named.job_id, named.user_id, named.media_type, named.model_id) == (
        JOB_ID, USER_ID, "image", "flux-schnell",
    )  # fmt: skip


def test_a_completion_updates_the_models_circuit_breaker() -> None:
    health = Screen(shown=[ended := job(Status.COMPLETED)])
    Projection(Table(), Kept(), health).ended(ended, now=NOW)  # type: ignore[arg-type]
    assert health.heard == [ended]

"""A job's projection in the job table and the cache: complete, and never older than before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from integration.job_tables import create_job_table
from integration.stores.jobs import NOW, job, output
from integration.wire import closed_port
from mediagen.aws.job_table import INDEX_KEYS, JobTable
from mediagen.aws.settings import Aws
from mediagen.cache.cache import Cache
from mediagen.jobs.epochs import NEVER_RESTORED
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Job, is_tombstone, tombstone
from mediagen.jobs.state import Status
from mediagen.lifecycle.projection import Projection, tombstone_item
from mediagen.models.health import ModelHealth

USER = "5f0c0a2e-0000-4000-8000-000000000000"


@pytest.fixture
def table(moto: Aws, boto: Callable[..., Any]) -> JobTable:
    name = f"test-{uuid4().hex[:12]}"
    create_job_table(boto(moto, "dynamodb"), name)
    return JobTable(moto, name)


@pytest.fixture
def projection(table: JobTable, cache: Cache) -> Projection:
    return Projection(table, cache, ModelHealth(cache))


def completed(new: Job) -> Job:
    return replace(
        new,
        status=Status.COMPLETED,
        revision=3,
        replicate_id="prediction-1",
        cost=Decimal("0.003"),
        completed_at=NOW + timedelta(seconds=5),
        outputs=(output(new.id, 1), output(new.id, 2, duration_seconds=2.5, width=None)),
    )


@pytest.mark.parametrize("finish", [lambda new: new, completed], ids=["new", "completed"])
def test_a_job_is_shown_the_same_by_both(projection: Projection, cache: Cache, finish: Callable[[Job], Job]) -> None:
    shown = finish(job(USER, epoch=NEVER_RESTORED))
    projection.show(shown)
    assert projection.read(shown.id) == cache.status(shown.id) == shown.document()


def test_a_failure_is_shown(projection: Projection) -> None:
    shown = replace(job(USER, epoch=NEVER_RESTORED), status=Status.FAILED, error=failure("no_output"), completed_at=NOW)
    projection.show(shown)
    assert (projection.read(shown.id) or {})["error"] == failure("no_output").document()


def test_an_item_ends_after_seven_days_and_sorts_by_its_creation(projection: Projection, table: JobTable) -> None:
    shown = job(USER, epoch=NEVER_RESTORED)
    projection.show(shown)
    item = table.get(shown.id, "2026-11-22T17:00:00.123Z")
    assert item is not None
    assert item["expiresAt"] == int((NOW + timedelta(days=7)).timestamp())
    assert "params" not in item


def test_an_older_revision_replaces_nothing(projection: Projection, cache: Cache) -> None:
    new = job(USER, epoch=NEVER_RESTORED)
    projection.show(completed(new))
    projection.show(new)
    assert projection.read(new.id) == cache.status(new.id) == completed(new).document()


def test_a_late_projection_does_not_restore_a_deleted_job(
    projection: Projection, cache: Cache, table: JobTable
) -> None:
    done = completed(job(USER, epoch=NEVER_RESTORED))
    projection.show(done)
    marked = replace(done, revision=done.revision + 1)
    assert projection.hide(marked, NOW)
    projection.show(done)  # a container that read the job before its deletion
    assert cache.status(done.id) == tombstone(marked)
    assert table.get(done.id, "2026-11-22T17:00:00.123Z") == tombstone_item(marked, NOW) | dict.fromkeys(INDEX_KEYS)
    assert is_tombstone(projection.read(done.id) or {})


def test_a_tombstone_is_put_up_as_often_as_one_likes(projection: Projection) -> None:
    marked = completed(job(USER, epoch=NEVER_RESTORED))
    assert [projection.hide(marked, NOW) for _ in range(2)] == [True, True]


def test_a_job_table_outage_is_counted_and_the_cache_is_still_written(
    table: JobTable, cache: Cache, capsys: pytest.CaptureFixture[str]
) -> None:
    away = replace(table.aws, endpoints={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{closed_port()}"})
    projection, shown = (
        Projection(JobTable(away, table.name), cache, ModelHealth(cache)),
        job(USER, epoch=NEVER_RESTORED),
    )
    projection.show(shown)
    assert projection.read(shown.id) is None
    assert cache.status(shown.id) == shown.document()
    assert capsys.readouterr().out.count('"part": "job_table"') == 4  # in the metadata and as a dimension, twice


def test_a_job_the_table_does_not_have_is_none(projection: Projection) -> None:
    assert projection.read(job(USER, epoch=NEVER_RESTORED).id) is None

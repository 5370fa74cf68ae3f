"""The job table, on both emulators."""

from collections.abc import Callable
from typing import Any

import pytest

from integration.job_tables import create_job_table
from mediagen.aws.errors import AwsError
from mediagen.aws.job_table import JobTable
from mediagen.aws.settings import Aws

TIMESTAMP = "2026-11-22T17:00:00.123Z"


@pytest.fixture
def table(aws: Aws, boto: Callable[..., Any], name: str) -> JobTable:
    create_job_table(boto(aws, "dynamodb"), name)
    return JobTable(aws, name)


def item(job_id: str = "job-1", revision: int = 1, **attributes: Any) -> dict[str, Any]:
    keys = {"jobId": job_id, "timestamp": TIMESTAMP, "userId": "user-1", "replicateId": None}
    return {**keys, "revision": revision, **attributes}


def test_an_item_is_read_as_it_was_stored(table: JobTable) -> None:
    stored = item(
        cost=0.1,
        tiny=1e-07,
        precise=0.30000000000000004,
        whole=12345678901234567890,
        error=None,
        done=False,
        prompt="Zwölf Boxkämpfer 日本 🎬",
        empty="",
        outputs=[{"key": "videos/a.mp4", "bytes": 5, "durationSeconds": 2.5, "width": None}],
    )
    assert table.put(stored)
    assert table.get("job-1", TIMESTAMP) == stored


def test_a_job_that_is_not_there_is_none(table: JobTable) -> None:
    assert table.get("job-1", TIMESTAMP) is None


def test_a_newer_revision_replaces_an_older_one(table: JobTable) -> None:
    assert table.put(item(revision=1, status="queued"))
    assert table.put(item(revision=2, status="processing"))
    assert table.get("job-1", TIMESTAMP) == item(revision=2, status="processing")


@pytest.mark.parametrize("late", [1, 2])
def test_an_older_or_equal_revision_changes_nothing(table: JobTable, late: int) -> None:
    assert table.put(item(revision=2, status="completed"))
    assert not table.put(item(revision=late, status="processing"))
    assert table.get("job-1", TIMESTAMP) == item(revision=2, status="completed")


def test_revision_ten_is_newer_than_revision_nine(table: JobTable) -> None:
    assert table.put(item(revision=9))
    assert table.put(item(revision=10))


def test_a_job_is_found_by_its_replicate_id_once_it_has_one(
    table: JobTable, aws: Aws, boto: Callable[..., Any]
) -> None:
    table.put(item(revision=1))
    table.put(item(revision=2, replicateId="prediction-1"))
    found = boto(aws, "dynamodb").query(
        TableName=table.name,
        IndexName="GSI2",
        KeyConditionExpression="replicateId = :id",
        ExpressionAttributeValues={":id": {"S": "prediction-1"}},
    )
    assert [row["jobId"]["S"] for row in found["Items"]] == ["job-1"]


def test_the_revisions_of_a_hundred_jobs_are_read_at_once(table: JobTable) -> None:
    for number in range(0, 100, 2):
        table.put(item(f"job-{number}", number + 1))
    keys = [(f"job-{number}", TIMESTAMP) for number in range(100)]
    assert table.revisions(keys) == {f"job-{number}": number + 1 for number in range(0, 100, 2)}


def test_a_key_asked_for_twice_is_read_once(table: JobTable) -> None:
    table.put(item(revision=3))
    assert table.revisions([("job-1", TIMESTAMP), ("job-1", TIMESTAMP)]) == {"job-1": 3}


def test_no_keys_are_no_revisions(table: JobTable) -> None:
    assert table.revisions([]) == {}


def test_more_keys_than_a_batch_has_are_refused(table: JobTable) -> None:
    with pytest.raises(ValueError, match="101"):
        table.revisions([(f"job-{number}", TIMESTAMP) for number in range(101)])


def test_a_missing_table_is_an_error_and_not_an_old_revision(aws: Aws, name: str) -> None:
    with pytest.raises(AwsError) as caught:
        JobTable(aws, name).put(item())
    assert caught.value.is_not_found
    assert not caught.value.is_conditional_check_failed

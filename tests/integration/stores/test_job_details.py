"""Transition details hold texts from outside; nothing in them may block a job's completion."""

from typing import Any

import pytest

from integration.stores.jobs import NOW, added
from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.jobs import JobRecords


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("ä \U0001f34e \u2028 \x01 \\ \"'", "ä \U0001f34e \u2028 \x01 \\ \"'"),
        ("a\0b\0\0c", "a\ufffdb\ufffd\ufffdc"),
        ("\\\0", "\\\ufffd"),
        ("\\u0000", "\\u0000"),
        ("\\\\u0000", "\\\\u0000"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00\0", "\ufffd\ufffd"),
    ],
)
def test_any_text_is_kept_with_a_mark_for_what_postgresql_cannot_store(
    records: JobRecords, user_id: str, sql: Any, text: str, kept: str
) -> None:
    job = added(records, user_id)
    change = Change("why", error=failure("generation_failed"), details={"providerError": text, text: 1})
    assert records.move(job.id, Status.FAILED, change, now=NOW)
    [[details]] = sql.run("SELECT details FROM job_events WHERE job_id = :id AND revision = 2", id=job.id)
    assert details == {"providerError": kept, kept: 1}

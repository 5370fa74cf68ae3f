"""A job's files: stored with the transition that completes it, and read in order."""

from typing import Any

import pytest

from integration.stores.jobs import NOW, history, in_status, output
from mediagen.jobs.left_out import LeftOut
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.database import Database, StatementFailed
from mediagen.records.job_lists import Filters, JobLists
from mediagen.records.jobs import JobRecords


def test_outputs_are_read_back_in_their_order(records: JobRecords, user_id: str, sql: Any) -> None:
    running = in_status(records, user_id, Status.PROCESSING)
    audio = {"kind": "waveform", "duration_seconds": 2.5, "width": None, "height": None}
    outputs = [output(running.id, 12 - n) for n in range(12)] + [output(running.id, 13, **audio)]
    moved = records.move(running.id, Status.COMPLETED, Change("done", outputs=outputs), now=NOW)
    assert moved is not None
    assert moved.outputs == tuple(outputs)
    sql.run("UPDATE media_outputs SET bytes = bytes WHERE position = 0")  # now last on the disk
    assert records.find(running.id) == moved


def test_a_job_whose_outputs_cannot_be_stored_is_not_completed(records: JobRecords, user_id: str, sql: Any) -> None:
    running = in_status(records, user_id, Status.PROCESSING)
    twice = [output(running.id, 1), output(running.id, 1)]
    with pytest.raises(StatementFailed, match=r"^23505 [^(]*$"):  # which names no value
        records.move(running.id, Status.COMPLETED, Change("done", outputs=twice), now=NOW)
    assert records.find(running.id) == running
    assert len(history(sql, running.id)) == running.revision + 1


def test_outputs_of_one_job_are_not_those_of_another(records: JobRecords, user_id: str) -> None:
    first, second = (in_status(records, user_id, Status.PROCESSING) for _ in range(2))
    records.move(first.id, Status.COMPLETED, Change("done", outputs=[output(first.id, 1)]), now=NOW)
    other = records.find(second.id)
    assert other is not None
    assert other.outputs == ()


def test_what_was_left_out_is_kept_with_the_job_and_in_lists(
    records: JobRecords, user_id: str, database: Database
) -> None:
    running = in_status(records, user_id, Status.PROCESSING)
    left_out = (LeftOut(2, "media_expired"), LeftOut(65, "too_many_outputs", 36))
    change = Change("done", outputs=[output(running.id, 1)], left_out=left_out)
    moved = records.move(running.id, Status.COMPLETED, change, now=NOW)
    assert moved is not None
    assert moved.left_out == left_out
    assert records.find(running.id) == moved
    [listed] = JobLists(database).page(user_id, Filters(), before_id=None, limit=10)
    assert listed.left_out == left_out

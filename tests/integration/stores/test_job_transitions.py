"""Each pair of states: an allowed transition happens with its history row, any other changes nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from integration.stores.jobs import NOW, added, change_to, history, in_status, job, output
from mediagen.jobs.failures import failure
from mediagen.jobs.state import MOVES, Status
from mediagen.jobs.transition import Change
from mediagen.records.jobs import JobRecords

LATER = NOW + timedelta(minutes=1)
PAIRS = [(source, target) for source in Status for target in Status]
ALLOWED = [(source, target) for source, target in PAIRS if target in MOVES[source]]
REFUSED = [pair for pair in PAIRS if pair not in ALLOWED]


@pytest.mark.parametrize(("source", "target"), ALLOWED)
def test_an_allowed_move_is_made_and_written_into_the_history(
    records: JobRecords, user_id: str, sql: Any, source: Status, target: Status
) -> None:
    before = in_status(records, user_id, source)
    moved = records.move(before.id, target, change_to(target, reason="why"), now=LATER)
    assert moved is not None
    assert (moved.status, moved.revision, moved.updated_at) == (target, before.revision + 1, LATER)
    assert moved.completed_at == (LATER if target.is_final else None)
    assert records.find(before.id) == moved
    assert history(sql, before.id)[-1] == [moved.revision, str(source), str(target), "why"]
    assert len(history(sql, before.id)) == moved.revision + 1


@pytest.mark.parametrize(("source", "target"), REFUSED)
def test_a_move_that_is_not_allowed_changes_nothing(
    records: JobRecords, user_id: str, sql: Any, source: Status, target: Status
) -> None:
    before = in_status(records, user_id, source)
    told = history(sql, before.id)
    outputs = [output(before.id, 1)] if target is Status.COMPLETED else []
    assert records.move(before.id, target, change_to(target, outputs=outputs), now=LATER) is None
    assert records.find(before.id) == before
    assert history(sql, before.id) == told


def test_a_new_job_is_read_as_it_was_recorded(records: JobRecords, user_id: str, sql: Any) -> None:
    new = added(records, user_id)
    assert records.find(new.id) == new
    assert history(sql, new.id) == [[0, None, "queued", "accepted"], [1, "queued", "submitting", "submit"]]


def test_a_job_recorded_twice_is_there_once(records: JobRecords, user_id: str, sql: Any) -> None:
    """If a statement's answer is lost, the statement is repeated."""
    new = job(user_id)
    for _ in range(2):
        records.add(new, check_at=NOW)
    assert len(history(sql, new.id)) == 2


def test_a_job_is_found_by_its_prediction(records: JobRecords, user_id: str) -> None:
    new = added(records, user_id)
    assert records.find_by_replicate_id("prediction-1") is None
    moved = records.move(new.id, Status.PROCESSING, Change("accepted", replicate_id="prediction-1"), now=NOW)
    assert records.find_by_replicate_id("prediction-1") == moved


def test_the_prediction_of_a_job_stays_known_through_later_moves(records: JobRecords, user_id: str) -> None:
    new = added(records, user_id)
    records.move(new.id, Status.PROCESSING, Change("accepted", replicate_id="prediction-2"), now=NOW)
    ended = records.move(new.id, Status.CANCELED, Change("canceled", cost=Decimal("0.003")), now=NOW)
    assert ended is not None
    assert (ended.replicate_id, ended.cost) == ("prediction-2", Decimal("0.003"))


def test_the_failure_and_the_operators_details_are_kept(records: JobRecords, user_id: str, sql: Any) -> None:
    new = added(records, user_id)
    change = Change("x", error=failure("out_of_memory"), cost=Decimal(0), details={"providerError": "E1001 …"})
    ended = records.move(new.id, Status.FAILED, change, now=NOW)
    assert ended is not None
    assert (ended.error, ended.cost) == (failure("out_of_memory"), Decimal(0))
    [[details]] = sql.run("SELECT details FROM job_events WHERE job_id = :id AND revision = 2", id=new.id)
    assert details == {"providerError": "E1001 …"}


def test_a_job_that_is_not_there_is_neither_found_nor_moved(records: JobRecords) -> None:
    nobody = str(uuid4())
    assert records.find(nobody) is None
    assert records.move(nobody, Status.PROCESSING, Change("x"), now=NOW) is None


def test_a_move_that_was_decided_for_one_state_happens_in_no_other(records: JobRecords, user_id: str) -> None:
    new = added(records, user_id)
    assert records.move(new.id, Status.CANCELED, Change("x", only_from=Status.QUEUED), now=NOW) is None
    assert records.find(new.id) == new
    assert records.move(new.id, Status.CANCELED, Change("x", only_from=Status.SUBMITTING), now=NOW) is not None
    assert records.move(new.id, Status.CANCELED, Change("x", only_from=Status.CANCELED), now=NOW) is None

"""A status after a restore: cached projections are a hint only, and PostgreSQL decides."""

import pytest

from mediagen.errors.refusals import Unavailable
from mediagen.jobs.job import Job, tombstone
from mediagen.jobs.state import Status
from unit.get_status.test_get_status import Stores, ask
from unit.samples import NOW, Records, job


@pytest.mark.parametrize("kept", [job(Status.COMPLETED, revision=9), job(Status.PROCESSING, revision=9)])
def test_a_projection_from_before_a_restore_is_not_newer_than_postgresql(kept: Job) -> None:
    stores = Stores(kept=kept.document(), epoch=int(NOW.timestamp()))
    assert ask(stores, job(Status.PROCESSING, revision=2, epoch=NOW)).body["status"] == "processing"
    assert stores.calls == ["cache", "table", "show revision 2"]


def test_a_tombstone_of_before_a_restore_hides_nothing() -> None:
    stores = Stores(kept=tombstone(job(Status.COMPLETED, revision=4)), epoch=int(NOW.timestamp()))
    assert ask(stores, job(Status.COMPLETED, revision=3, epoch=NOW)).status == 200


def test_a_terminal_state_from_before_a_restore_is_stale_while_postgresql_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unavailable(*_given: object) -> None:
        raise Unavailable("The database cannot be reached.", retry_after_seconds=5)

    stores = Stores(kept=job(Status.COMPLETED).document(), epoch=int(NOW.timestamp()))
    monkeypatch.setattr(Records, "find", unavailable)
    answer = ask(stores)
    assert (answer.body["status"], answer.body["stale"]) == ("completed", True)


def test_a_state_has_another_entity_tag_in_another_epoch() -> None:
    before, after = job(revision=2), job(revision=2, epoch=NOW)
    assert ask(Stores(), before).headers["ETag"] != ask(Stores(), after).headers["ETag"]

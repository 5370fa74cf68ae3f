"""The steps of a run: each gets the time of the run, and one that fails is named and stops no other."""

from datetime import datetime, timedelta
from typing import Any, Never

import pytest

from check_replicate_status.flow import check_replicate_status
from unit.check_replicate_status.bench import Bench, bench
from unit.conftest import Logged
from unit.samples import NOW


def run(made: Bench) -> dict[str, int]:
    return check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=made.ports)


def test_each_step_gets_the_time_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    made, asked = bench(), list[tuple[str, datetime]]()

    def count_overdue(*, now: datetime) -> int:
        asked.append(("overdue", now))
        return 0

    def claim_waiting(*, now: datetime, again_in: timedelta, limit: int) -> list[str]:
        asked.append(("waiting", now))
        return []

    def forget_foreign(*, now: datetime) -> None:
        asked.append(("foreign", now))

    monkeypatch.setattr(made.records, "count_overdue", count_overdue)
    monkeypatch.setattr(made.records, "claim_waiting", claim_waiting)
    monkeypatch.setattr(made.absences, "forget_foreign", forget_foreign)
    run(made)
    assert asked == [("overdue", NOW), ("waiting", NOW), ("foreign", NOW)]


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ("check_replicate_status.flow._send_turns", "waiting_jobs"),
        ("check_replicate_status.flow._send_callbacks", "callbacks"),
        ("check_replicate_status.flow._forget_keys", "idempotency_keys"),
        ("unit.check_replicate_status.bench.Absences.forget_foreign", "foreign_predictions"),
        ("check_replicate_status.flow.erase_due_jobs", "deletions"),
    ],
)
def test_a_step_that_fails_is_named_and_stops_no_other(
    step: str, part: str, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    def fails(*_: Any, **__: Any) -> Never:
        raise OSError("away")

    monkeypatch.setattr(step, fails)
    assert run(bench()) == {"overdue": 0, "inDanger": 0, "queued": 0, "repaired": 0}
    lines = logged()
    assert [line["part"] for line in lines if "part" in line] == [part]
    assert lines[-1]["action"] == "check.done"

"""Predictions of other software in the same account: read once, noted, and no reason to doubt an absence."""

from datetime import datetime, timedelta

import pytest

from check_replicate_status.asking import Answers
from check_replicate_status.flow import check_replicate_status
from unit.check_replicate_status.bench import bench
from unit.check_replicate_status.test_asking import IN_DOUBT, Nameless, ask
from unit.samples import JOB_ID, NOW, prediction

THEIRS = prediction("succeeded", id="theirs", webhook="https://elsewhere.example/hook")


def test_a_listed_prediction_whose_webhook_is_not_ours_is_foreign() -> None:
    assert ask(Nameless(known={"theirs": THEIRS}), IN_DOUBT) == Answers(absent={JOB_ID}, foreign={"theirs"})


def test_foreign_predictions_are_noted_so_that_the_next_run_does_not_read_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, at = bench(IN_DOUBT), NOW + timedelta(minutes=3)
    noted = list[tuple[list[str], datetime]]()
    monkeypatch.setattr(made.absences, "note_foreign", lambda ids, *, now: noted.append((list(ids), now)))
    made.provider = Nameless(known={"theirs": THEIRS})
    check_replicate_status(clock=lambda: at, seconds_left=lambda: 30.0, ports=made.ports)
    assert noted == [(["theirs"], at)]

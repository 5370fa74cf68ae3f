"""Progress is one live line in a terminal and plain lines elsewhere."""

import io

import pytest

from common import progress
from common.progress import Progress, Step
from integration.waiting import eventually


def test_a_finished_step_leaves_one_line_with_its_seconds() -> None:
    told = io.StringIO()
    with Progress(told).step("Redis") as step:
        step.detail = "127.0.0.1:1"
    (line,) = told.getvalue().splitlines()
    assert line.split() == ["✓", "0.0", "s", "Redis:", "127.0.0.1:1"]


def test_a_failed_step_is_marked_and_the_error_goes_on() -> None:
    told = io.StringIO()
    with pytest.raises(ZeroDivisionError), Progress(told).step("Redis"):
        _ = 1 / 0
    assert told.getvalue().startswith("  ✗")


def test_a_long_step_says_from_time_to_time_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0.0)
    told = io.StringIO()
    with Progress(told).step("Terraform apply") as step:
        step.detail = "3 of 7"
        eventually(lambda: "… " in told.getvalue(), "a line of progress")
    assert "Terraform apply: 3 of 7\n" in told.getvalue()
    assert "\r" not in told.getvalue()


def test_in_a_terminal_steps_side_by_side_share_one_line() -> None:
    told = io.StringIO()
    shown = Progress(told, live=True)
    with shown.step("Redis"), shown.step("PostgreSQL"):
        eventually(lambda: "Redis · PostgreSQL" in told.getvalue(), "a line of progress")
    assert progress.CLEAR in told.getvalue()
    assert told.getvalue().count("\n") == 2


def test_in_a_terminal_a_step_that_knows_how_far_it_is_draws_a_bar() -> None:
    told = io.StringIO()
    with Progress(told, live=True).step("Video") as step:
        step.percent = lambda: 25
        eventually(lambda: "██████░░░░░░░░░░░░░░░░░░  25 %  Video" in told.getvalue(), "a bar")


@pytest.mark.parametrize(("percent", "cells"), [(-5, 0), (0, 0), (99, 23), (100, 24), (250, 24)])
def test_a_bar_is_never_longer_than_its_place(percent: int, cells: int) -> None:
    step = Step("Video")
    step.percent = lambda: percent
    drawn = progress.bar(step)
    assert (drawn.count("█"), drawn.count("░")) == (cells, 24 - cells)

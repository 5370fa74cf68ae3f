"""An unchanged configuration gives a plan without changes."""

from typing import Any

from e2e.terraform_plans import LOST_OF_ALARMS, changes


def test_a_second_plan_shows_no_changes(plan: dict[str, Any]) -> None:
    assert changes(plan) - LOST_OF_ALARMS.keys() == set()

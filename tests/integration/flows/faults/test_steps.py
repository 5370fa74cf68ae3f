"""Every step of every flow is on the list, so none is forgotten when faults are tried."""

import pytest

from integration.flows.faults.promises import broken
from integration.flows.faults.scenarios import SCENARIOS
from integration.flows.faults.settling import Stage
from integration.flows.faults.steps import STEPS


def test_every_flow_has_its_steps() -> None:
    assert STEPS.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_steps_of_a_flow_are_those_on_the_list(stage: Stage, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And without any fault all promises hold."""
    call = SCENARIOS[name](stage)
    stage.flow(call.act, call.done)
    taken = set(stage.wire.steps)
    stage.flow(call.again)
    stage.settle()
    assert broken(stage, capsys.readouterr().out) == []
    assert sorted(taken) == sorted(STEPS[name])  # some are taken side by side

"""Before any step of a flow somebody else may be faster: a client, Replicate, the poller, the same message again."""

import pytest

from integration.flows.faults.actors import CASES, Actor
from integration.flows.faults.figures import Figures
from integration.flows.faults.promises import broken
from integration.flows.faults.scenarios import SCENARIOS
from integration.flows.faults.settling import Stage


@pytest.mark.parametrize(("flow", "step", "actor"), CASES)
def test_whoever_is_faster_the_promises_hold(
    stage: Stage,
    flow: str,
    step: str,
    actor: Actor,
    figures: Figures,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call = SCENARIOS[flow](stage)
    stage.wire.meanwhile = (step, lambda: actor(stage))
    stage.flow(call.act, call.done)
    assert stage.wire.hits
    stage.flow(call.again)
    stage.settle()
    figures.meanwhile += 1
    assert broken(stage, capsys.readouterr().out) == []

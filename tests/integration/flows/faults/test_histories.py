"""A few hundred steps of long histories; `make soak` takes ten thousand and prints its seed."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from integration.flows.faults.figures import Figures
from integration.flows.faults.histories import Histories
from integration.flows.faults.history import PromiseBroken
from integration.flows.faults.seeded import Planting
from integration.flows.faults.settling import Stage

EXAMPLES = int(os.environ.get("HISTORIES", "9"))
LEAST = 10_000 if "HISTORIES" in os.environ else 200
STEPS = int(os.environ.get("HISTORY_STEPS", "30"))
# A seeded bug needs no shortest history.
PHASES = (Phase.generate,) if "SEEDED_BUG" in os.environ else tuple(Phase)


@pytest.mark.timeout(3600)
def test_no_history_breaks_a_promise(
    stage: Stage, figures: Figures, planting: Planting | None, capsys: pytest.CaptureFixture[str]
) -> None:
    class InThisWorld(Histories):
        pass

    InThisWorld.stage, InThisWorld.logged = stage, staticmethod(lambda: capsys.readouterr().out)
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        database=None,
        phases=PHASES,
    )
    try:
        run_state_machine_as_test(InThisWorld, settings=bounds)
    except* PromiseBroken as broken:  # more than one if a repetition went another way
        if planting:
            planting.caught(str(broken.exceptions[0]), InThisWorld.histories, InThisWorld.steps)
        raise
    if planting:
        pytest.fail(f"{EXAMPLES} histories kept all promises, and the bug acted {planting.hits} times")
    figures.histories, figures.history_steps = InThisWorld.histories, InThisWorld.steps
    assert InThisWorld.steps >= LEAST

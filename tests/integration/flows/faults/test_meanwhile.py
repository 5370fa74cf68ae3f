"""Before any step of a flow somebody else may be faster: a client, Replicate, the poller, the same message again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from integration.flows.events import Context
from integration.flows.faults.figures import Figures
from integration.flows.faults.kinds import is_read
from integration.flows.faults.promises import broken
from integration.flows.faults.scenarios import SCENARIOS, webhook_event
from integration.flows.faults.settling import Stage
from integration.flows.faults.steps import STEPS
from receive_webhook.handler import lambda_handler as receive_webhook


def newest(stage: Stage) -> str | None:
    rows = stage.world.sql.run("SELECT CAST(id AS text) FROM jobs ORDER BY id DESC LIMIT 1")
    return rows[0][0] if rows else None


def client_cancels(stage: Stage) -> None:
    job_id = newest(stage)
    if job_id:
        stage.world.act("cancel", job_id)


def result_comes(stage: Stage) -> None:
    job_id = newest(stage)
    if job_id and stage.world.created(job_id)["created"]:
        receive_webhook(webhook_event(stage, job_id), Context(10))
    stage.world.pump("webhooks")


def poller_comes_late(stage: Stage) -> None:
    stage.pass_time(timedelta(hours=2))
    stage.world.check()


type Actor = Callable[[Stage], None]
ALL = (client_cancels, result_comes, poller_comes_late)
FLOWS = ("generate_media", "submit_job", "process_webhook")
ACTORS: dict[str, tuple[Actor, ...]] = dict.fromkeys(FLOWS, ALL)
ACTORS["cancel_job"] = (client_cancels, poller_comes_late)
CASES = [
    (flow, step, actor)
    for flow, actors in ACTORS.items()
    for step in STEPS[flow]
    if not is_read(step)
    for actor in actors
]


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

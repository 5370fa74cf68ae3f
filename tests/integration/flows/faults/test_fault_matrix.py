"""Each step of each flow fails in each way there is; then the fault ends, time passes, and all promises hold."""

from datetime import timedelta
from decimal import Decimal

import pytest

from integration.flows.faults.cases import chosen_cases
from integration.flows.faults.figures import Figures
from integration.flows.faults.kinds import Fault
from integration.flows.faults.promises import broken
from integration.flows.faults.scenarios import SCENARIOS
from integration.flows.faults.settling import Stage
from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status

UNTIL_IT_IS_RECORDED = (
    "outgoing GET",
    "s3 PUT original",
    "s3 PUT thumbnail",
    "s3 PUT metadata",
    "postgres JobRecords.move",
)


@pytest.mark.parametrize(("flow", "step", "fault"), chosen_cases())
def test_the_promises_hold(
    stage: Stage, flow: str, step: str, fault: Fault, figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    call = SCENARIOS[flow](stage)
    stage.wire.fail(step, fault)
    stage.flow(call.act, call.done)
    assert stage.wire.hits
    stage.wire.stop()
    stage.flow(call.again)
    took = stage.settle()
    stage.wire.end()
    found = broken(stage, capsys.readouterr().out)
    figures.tried(fault, took, len(found))
    assert found == []


@pytest.mark.parametrize("step", UNTIL_IT_IS_RECORDED)
def test_a_result_that_could_not_be_stored_in_time_leaves_nothing_behind(
    stage: Stage, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Replicate deletes it after an hour: the job fails, and what was stored of it goes."""
    call = SCENARIOS["process_webhook"](stage)
    stage.wire.fail(step, Fault.ERROR)
    stage.flow(call.act, call.done)
    stage.pass_time(timedelta(minutes=70))
    stage.wire.stop()
    stage.settle()
    [job_id] = stage.accepted
    job = stage.world.job(job_id)
    assert (job.status, job.error, job.cost) == (Status.FAILED, failure("media_expired"), Decimal(0))
    assert broken(stage, capsys.readouterr().out) == []


@pytest.mark.parametrize("flow", SCENARIOS)
def test_what_comes_again_at_once_and_when_all_is_over_changes_nothing(
    stage: Stage, flow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = SCENARIOS[flow](stage)
    stage.flow(call.act, call.done)
    stage.flow(call.act)
    stage.settle()
    ends = stage.ends()
    stage.flow(call.act)
    stage.settle()
    assert stage.ends() == ends
    assert broken(stage, capsys.readouterr().out) == []

"""Promise 7: the money that is recorded is the money that Replicate bills, for each job and in total."""

from collections.abc import Iterable
from decimal import Decimal

from get_usage.handler import lambda_handler as get_usage
from integration.flows.events import Answer, Context, http_event
from integration.flows.faults.endings import canceled_in_doubt, is_contradicted, predictions_of
from integration.flows.faults.served import is_text
from integration.flows.faults.settling import Stage
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from replicate_simulator.predictions import Prediction

# Billed by Replicate, and not passed on: the client has nothing of it.
NOT_PASSED_ON = {
    "media_expired",
    "no_output",
    "output_too_large",
    "output_not_media",
    "output_host_refused",
    "outcome_unknown",
}


def billed(stage: Stage, job: Job) -> Decimal:
    """Return what Replicate bills for a job, at the price that its client was told.

    That price is for a generation, and Replicate's for an image: a run with three images is one price of ours.
    """
    return job.estimated_cost * sum(map(_charged_runs, predictions_of(stage, job.id)), Decimal(0))


def _charged_runs(prediction: Prediction) -> Decimal:
    if prediction.completed_at is None:  # Replicate cancels it at its deadline, and charges that
        return Decimal(1)
    if is_text(prediction):  # no image, so the simulator bills nothing; our price is for a generation
        return Decimal(1)
    images = len(prediction.files) if prediction.status == "succeeded" else prediction.input.get("num_outputs", 1)
    return prediction.dollars / (prediction.model.billing.price * images) if images else Decimal(0)


def owed(stage: Stage, job: Job) -> Decimal:
    """Return what must be recorded for a job: its bill, except where nothing was delivered or nothing is known."""
    if job.error and job.error.code in NOT_PASSED_ON:
        return Decimal(0)
    if canceled_in_doubt(stage, job):  # recorded as paid when nobody could know
        return job.estimated_cost
    if job.status is Status.FAILED and any(map(is_contradicted, predictions_of(stage, job.id))):
        return Decimal(0)
    return billed(stage, job)


def wrongly_billed(stage: Stage, job: Job) -> list[str]:
    """Return whether a job's cost is another than its bill, in a sentence."""
    cost, expected = job.cost or Decimal(0), owed(stage, job)
    return [] if cost == expected else [f"costs {cost}, and {expected} is owed; Replicate bills {billed(stage, job)}"]


def wrong_totals(stage: Stage, jobs: Iterable[Job]) -> list[str]:
    """Return what is wrong with the sums: bills of no job, and reservations that nothing is left to settle."""
    known = {job.id for job in jobs} | stage.restored.lost
    report = stage.world.replicate.simulator.report()
    found = [f"Replicate has a prediction of no job: {one}" for one in report["predictions"] if one["job"] not in known]
    event = http_event("GET /usage", "/usage", user_id=stage.world.user_id)
    usage = Answer.read(get_usage(event, Context(10))).body
    held = {"reserved": usage["budget"]["reserved"], "running": usage["running"]["jobs"]}
    return found + [f"{what} is {amount} when all is over" for what, amount in held.items() if amount]

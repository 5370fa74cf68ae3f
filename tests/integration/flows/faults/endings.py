"""Promise 6: each job ends as the predictions in the simulator's store justify, whatever our own stores say."""

from collections.abc import Iterator
from datetime import timedelta

from integration.flows.faults.served import count_outputs, is_text, usable_files
from integration.flows.faults.settling import Stage
from mediagen.jobs.job import Job, Output
from mediagen.jobs.state import Status
from replicate_simulator.predictions import Prediction

HOUR = timedelta(hours=1)  # after it Replicate has deleted the result
NEEDED = timedelta(minutes=30)  # for any result to be found and stored: wrong answers last ten minutes, then a few runs
ROUNDING = timedelta(seconds=2)  # Replicate is given a deadline in whole seconds

# What a fault of the simulator makes of a job, and nothing else does.
CODES = {
    "nsfw": "content_refused",
    "out-of-memory": "out_of_memory",
    "failed": "generation_failed",
    "output-gone": "media_expired",
    "output-null": "no_output",
    "output-empty-list": "no_output",
    "output-empty-string": "no_output",
}
ENDED_OTHERWISE = {"aborted": ("deadline_exceeded",), "canceled": ("canceled", "deadline_exceeded")}
REFUSED = {"[[fault:422": "invalid_params", "[[fault:404": "model_unavailable"}
# Each makes all jobs wait, those that are still queued perhaps until their deadlines.
_PAUSED = r"""
SELECT count(*) FROM jobs WHERE deleted_at IS NOT NULL OR params ->> 'prompt' ~ 'fault:(429|402|500|cut)'
"""
_CANCELED = """
SELECT from_status, reason FROM job_events WHERE job_id = :id AND to_status = 'canceled' AND from_status <> 'canceled'
"""


def predictions_of(stage: Stage, job_id: str) -> list[Prediction]:
    """Return all predictions that were made for a job."""
    return [one for one in stage.world.replicate.simulator.store.newest_first() if one.job == job_id]


def unjustified(stage: Stage, job: Job, is_deleted: bool) -> list[str]:
    """Return what the store does not justify about a job's end: one sentence each."""
    made = predictions_of(stage, job.id)
    usable = [one for one in made if usable_files(one) or is_text(one)]
    if job.status is Status.COMPLETED:
        return _undelivered(job, usable, is_deleted)
    if not job.status.is_final:
        return []
    lost = [f"Replicate had a usable result from {one.completed_at}" for one in usable if not _excuse(stage, job, one)]
    code = job.error.code if job.error else None
    justified = {*_justified_codes(stage, job, made)}
    if code in justified or (is_deleted and not made):  # the prompt, which names the fault, was erased
        return lost
    return [*lost, f"ended as {code}, and the store justifies {sorted(justified)}"]


def _undelivered(job: Job, usable: list[Prediction], is_deleted: bool) -> list[str]:
    own = next((one for one in usable if one.id == job.replicate_id), None)
    if own is None:
        return ["is completed, and its prediction has no usable result"]
    if is_deleted:
        return []
    originals = [output for output in job.outputs if output.kind == "original"]
    stored = [output.sha256 for output in originals if not _is_text(output)]
    served, named = usable_files(own), sum(each.count for each in job.left_out)
    found = [] if stored == served else [f"has the originals {stored}, and Replicate served {served}"]
    found += ["has no text of its result"] if is_text(own) and not any(map(_is_text, originals)) else []
    outputs = count_outputs(own)
    return found if len(stored) + named == outputs else [*found, f"accounts for {len(stored)} and {named} of {outputs}"]


def _is_text(output: Output) -> bool:
    return output.key.rpartition("/")[2].startswith("output.")


def _excuse(stage: Stage, job: Job, result: Prediction) -> bool:
    """Return whether a fault explains that a usable result was not stored."""
    if job.status is Status.CANCELED:
        return canceled_in_doubt(stage, job)
    assert job.completed_at
    assert result.completed_at
    ends = result.completed_at + HOUR
    if is_contradicted(result) or (is_out_of_reach(stage, result) and _is_unknown(job)):
        return True
    if result.completed_at >= job.completed_at or result.created_at >= job.deadline_at:  # sent by a function that slept
        return True
    return job.completed_at >= ends and stage.calm_since > ends - NEEDED


def is_contradicted(prediction: Prediction) -> bool:
    """Return whether Replicate also said that a prediction failed: nobody can know then."""
    return any(name.endswith("-contradicts") for name in prediction.faults)


def is_out_of_reach(stage: Stage, prediction: Prediction) -> bool:
    """Return whether a prediction belongs to another account than the token: the functions cannot read it."""
    return prediction.account != stage.account


def _is_unknown(job: Job) -> bool:
    return job.error is not None and job.error.code == "outcome_unknown"


def canceled_in_doubt(stage: Stage, job: Job) -> bool:
    """Return whether a client canceled a job when it was not known whether Replicate had it."""
    canceled = stage.world.sql.run(_CANCELED, id=job.id)
    is_hidden = stage.token_changes > 0 and all(one.status != "canceled" for one in predictions_of(stage, job.id))
    return canceled in [[[each, "canceled_by_client"]] for each in ("submitting", "processing")[: 1 + is_hidden]]


def _has_paused(stage: Stage) -> bool:
    """Return whether Replicate refused jobs, or left some in doubt; of deleted jobs that is not known any more."""
    return bool(stage.world.sql.run(_PAUSED) != [[0]])


def _list_is_wrong(stage: Stage) -> bool:
    """Return whether an item of the list hides whose it is: then no absence can be proven."""
    made = stage.world.replicate.simulator.store.newest_first()
    return any("fault:list-" in str(one.input.get("prompt")) for one in made)


def _account_is_unproven(stage: Stage, job: Job) -> bool:
    """Return whether the job may have been sent to another account, by the token or by what Replicate answered."""
    held = stage.world.sql.run("SELECT username, since FROM provider_account")
    return stage.token_changes > 0 or any(name != stage.account or since > job.created_at for name, since in held)


def _justified_codes(stage: Stage, job: Job, made: list[Prediction]) -> Iterator[str]:
    assert job.completed_at
    for one in made:
        yield from (CODES[name] for name in one.faults if name in CODES)
        yield from ENDED_OTHERWISE.get(one.status, ())
        yield from ["generation_failed"] if is_contradicted(one) else []
        is_old = one.completed_at is not None and job.completed_at >= one.completed_at + HOUR
        if is_old or one.created_at >= job.deadline_at:
            yield "media_expired" if one.status == "succeeded" else "generation_failed"
    if [reason for _, reason in stage.world.sql.run(_CANCELED, id=job.id)] == ["canceled_by_client"]:
        yield "canceled"
    if not made:
        prompt = str(job.params.get("prompt"))
        yield from (code for marker, code in REFUSED.items() if marker in prompt)
    if job.completed_at >= job.deadline_at - ROUNDING and (
        stage.calm_since > job.deadline_at - NEEDED or (not made and _has_paused(stage))
    ):
        yield "deadline_exceeded"
    if job.completed_at >= job.deadline_at + HOUR and (
        stage.calm_since > job.deadline_at + HOUR - NEEDED
        or any(is_out_of_reach(stage, one) for one in made)
        or (not made and (_list_is_wrong(stage) or _account_is_unproven(stage, job)))
    ):
        yield "outcome_unknown"

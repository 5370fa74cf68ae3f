"""A prediction's outcome decides the job's; no text of Replicate reaches a client."""

import json

import pytest

from integration.conftest import Logged
from integration.flows.world import World

ENDINGS = {
    "failed error='CUDA error: device-side assert'": ("failed", "generation_failed", 0, True),
    "nsfw": ("failed", "content_refused", 0, False),
    "out-of-memory": ("failed", "out_of_memory", 0, False),
    "failed error='worker did not start (E6716)'": ("failed", "model_unavailable", 0, True),
    "aborted": ("failed", "deadline_exceeded", 0, True),
    "canceled": ("canceled", "canceled", 0.003, True),
    "output-null": ("failed", "no_output", 0, True),
    "output-empty-list": ("failed", "no_output", 0, True),
    "output-empty-string": ("failed", "no_output", 0, True),
}


@pytest.mark.parametrize(("fault", "expected"), ENDINGS.items(), ids=list(ENDINGS))
def test_a_prediction_without_a_file_fails_the_job_with_a_reason(
    world: World, logged: Logged, fault: str, expected: tuple[str, str, float, bool]
) -> None:
    job_id = world.accepted(f"[[fault:{fault}]]")
    world.settled(job_id)
    shown = world.status(job_id)
    status, code, cost, retryable = expected
    assert (shown.status, shown.body["status"], shown.body["cost"]) == (200, status, cost)
    assert (shown.body["error"]["code"], shown.body["error"]["retryable"]) == (code, retryable)
    assert shown.body["outputs"] == []
    assert not any(word in json.dumps(shown.body) for word in ("CUDA", "NSFW", "E1001", "E6716", "Replicate"))
    [ended] = [line for line in logged() if line["action"] == f"job.{status}"]
    assert (ended["JobsFailed"], ended["errorType"]) == (1, code)


def test_replicates_own_words_are_kept_for_operators(world: World) -> None:
    job_id = world.accepted("[[fault:failed error='CUDA error']]")
    world.settled(job_id)
    rows = world.sql.run("SELECT details FROM job_events WHERE to_status = 'failed' AND job_id = :id", id=job_id)
    assert rows[0][0]["providerError"] == "CUDA error"


ODD = "[[fault:odd-values]]"


@pytest.mark.parametrize(
    "more", ["", " [[fault:webhook-missing]]", " [[fault:long-logs]]"], ids=["webhook", "poll", "big"]
)
def test_values_that_postgresql_does_not_store_do_not_keep_a_job_from_completing(world: World, more: str) -> None:
    job_id = world.accepted(ODD + more)
    if "missing" in more:
        world.ended_at_replicate(job_id)
        world.overdue(job_id)
        world.check()
    world.settled(job_id)
    shown = world.status(job_id).body
    assert (shown["status"], [output["kind"] for output in shown["outputs"]][:1]) == ("completed", ["original"])
    rows = world.sql.run("SELECT details FROM job_events WHERE to_status = 'completed' AND job_id = :id", id=job_id)
    assert rows[0][0]["metrics"] == {"predict_time": "NaN", "x": "Infinity", "y": "-Infinity", "z\ufffd": "\ufffd"}
    assert rows[0][0]["providerError"] == "\ufffd\ufffd"


def test_a_failure_with_such_values_also_completes_the_job(world: World) -> None:
    job_id = world.accepted(f"{ODD} [[fault:nsfw]]")
    world.settled(job_id)
    assert world.status(job_id).body["error"]["code"] == "content_refused"


def test_a_completed_job_is_counted_with_the_time_it_took(world: World, logged: Logged) -> None:
    job_id = world.accepted()
    world.settled(job_id)
    [ended] = [line for line in logged() if line["action"] == "job.completed"]
    assert (ended["JobsCompleted"], ended["mediaType"], ended["modelId"]) == (1, "image", "flux-schnell")
    assert ended["ProcessingTime"] > 0

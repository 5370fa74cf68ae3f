"""Replicate permanently refuses the job: it fails at once, and the client reads in our words what to change."""

import json

import pytest

from integration.flows.world import World
from mediagen.jobs.state import Status


def test_the_fields_replicate_refuses_are_shown_as_the_clients_params(world: World) -> None:
    answer = world.generate(model="image/flux-plain", num_outputs=99, seed="seven")
    assert (answer.status, answer.body["code"], answer.body["retryable"]) == (422, "invalid_fields", False)
    wrong = sorted((error["path"], error["code"]) for error in answer.body["errors"])
    assert wrong == [("params.num_outputs", "number_lte"), ("params.seed", "invalid_type")]
    assert "Must be" not in json.dumps(answer.body)  # Replicate's original text


def test_the_refused_job_can_still_be_looked_up_and_was_free(world: World) -> None:
    job_id = world.generate(model="image/flux-plain", num_outputs=99).body["jobId"]
    shown = world.status(job_id).body
    assert (shown["status"], shown["error"]["code"], shown["cost"]) == ("failed", "invalid_params", 0)
    assert world.reasons(job_id) == ["accepted", "submit", "refused_by_replicate"]
    assert world.created(job_id)["created"] == 0


@pytest.mark.parametrize(
    ("prompt", "model"),
    [
        ("[[fault:404]]", "image/flux-schnell"),
        ("[[fault:422 title='Invalid version or not permitted' detail='no such version']]", "image/flux-schnell"),
        ("ein Boot", "image/vanished"),
    ],
    ids=["not found", "invalid version", "unknown name"],
)
def test_a_model_replicate_does_not_have_is_unavailable(world: World, prompt: str, model: str) -> None:
    answer = world.generate(prompt, model)
    assert (answer.status, answer.body["status"]) == (202, "failed")
    job = world.job(answer.body["jobId"])
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "model_unavailable")


def test_an_answer_of_202_means_accepted(world: World) -> None:
    job_id = world.accepted("[[fault:answer-202]]")
    assert world.settled(job_id).status is Status.COMPLETED

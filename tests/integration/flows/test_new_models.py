"""A model from Replicate's description to a completed job: generated, stored, listed, validated, used."""

import json
from typing import Any

import pytest

from common.media import PICTURE
from common.replicate import find_model
from deploy.model_entry import Written, entry_of, media_type_of
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from list_models.handler import lambda_handler as list_models
from manage_access.handler import lambda_handler as manage_access
from mediagen.errors.refusals import InvalidRequest
from mediagen.jobs.state import Status

NAMES = ["black-forest-labs/flux-schnell", "stability-ai/stable-video-diffusion", "meta/musicgen"]
QUICK = {"input_image": PICTURE, "duration": 1}  # so that no test waits for media or for a dead link


def put(world: World, name: str) -> tuple[str, Written]:
    """Store a model under the name of `new`; return its media type."""
    found = find_model(world.replicate.settings.api_token, name, f"{world.replicate.url}/v1")
    media_type, made = str(media_type_of(found)), entry_of(found, pricing=0.25, estimated_seconds=9)
    event = {"action": "put-model", "mediaType": media_type, "modelId": "new", "configuration": made.entry}
    assert manage_access(event, Context()) == {"mediaType": media_type, "modelId": "new", "isOffered": True}
    return media_type, made


def shown(world: World) -> Answer:
    event = http_event("GET /models/{modelId}", "/models/new", path={"modelId": "new"}, user_id=world.user_id)
    return Answer.read(list_models(event, Context(10)))


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_was_put_is_shown_and_its_example_generates(world: World, name: str) -> None:
    media_type, made = put(world, name)
    document = shown(world).body
    assert (document["mediaType"], document["estimatedCost"], document["estimatedTime"]) == (media_type, 0.25, 9)
    assert list(document["inputSchema"]["properties"]) == made.entry["supportedParams"]
    quick = {param: value for param, value in QUICK.items() if param in made.entry["supportedParams"]}
    answer = world.post(json.dumps(document["example"] | {"params": document["example"]["params"] | quick}).encode())
    assert answer.status == 202, answer.body
    assert world.settled(answer.body["jobId"]).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("params", "path", "code"),
    [
        ({"output_format": "bmp"}, "params.output_format", "enum"),
        ({"num_outputs": 5}, "params.num_outputs", "maximum"),
        ({"num_outputs": "two"}, "params.num_outputs", "type"),
        ({"disable_safety_checker": True}, "params.disable_safety_checker", "unknown"),
    ],
)
def test_invalid_params_are_refused_before_a_create_call(
    world: World, params: dict[str, Any], path: str, code: str
) -> None:
    put(world, NAMES[0])
    answer = world.generate(model="image/new", **params)
    assert (answer.status, answer.body["code"]) == (422, "invalid_fields")
    [error] = answer.body["errors"]
    assert error["path"] == path
    assert code in error["code"]
    assert world.replicate.simulator.report()["created"] == 0


def test_a_removed_model_is_unknown_again(world: World) -> None:
    put(world, NAMES[0])
    event = {"action": "put-model", "mediaType": "image", "modelId": "new", "configuration": None}
    assert manage_access(event, Context())["isOffered"] is False
    assert shown(world).status == 404


def test_an_entry_that_could_not_be_used_is_refused_and_nothing_changes(world: World) -> None:
    event = {"action": "put-model", "mediaType": "image", "modelId": "flux-schnell", "configuration": {"version": "x"}}
    with pytest.raises(InvalidRequest):
        manage_access(event, Context())
    assert world.count("model_configurations") == 0

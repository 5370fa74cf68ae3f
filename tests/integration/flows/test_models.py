"""Models that can be listed, requested and generated."""

import json
from typing import Any

from redis import Redis

from integration.conftest import Logged
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from list_models.handler import lambda_handler as list_models


def ask(world: World, url: str, model_id: str | None = None) -> Answer:
    path = None if model_id is None else {"modelId": model_id}
    route = "GET /models" if path is None else "GET /models/{modelId}"
    return Answer.read(list_models(http_event(route, url, path=path, user_id=world.user_id), Context(10)))


def configure(world: World, model_id: str, entry: dict[str, Any] | None) -> None:
    world.sql.run(
        "INSERT INTO model_configurations (media_type, model_id, configuration) VALUES ('image', :model, :entry)",
        model=model_id,
        entry=None if entry is None else json.dumps(entry),
    )


def test_the_example_of_every_model_that_is_to_be_had_is_accepted(world: World) -> None:
    models = [model for model in ask(world, "/models").body["models"] if model["modelId"] != "vanished"]
    assert [model["modelId"] for model in models] == ["stability-video", "flux-plain", "flux-schnell", "musicgen"]
    for model in models:
        answer = world.post(json.dumps(model["example"]).encode())
        assert answer.status == 202, answer.body
        assert answer.body["estimatedCost"] == model["estimatedCost"]
        assert answer.body["estimatedTime"] == model["estimatedTime"]


def test_one_model_is_shown_as_in_the_list(world: World) -> None:
    listed = ask(world, "/models?mediaType=audio").body["models"]
    assert [ask(world, "/models/musicgen", "musicgen").body] == listed


def test_an_unknown_model_is_a_404_problem(world: World) -> None:
    answer = ask(world, "/models/dall-e", "dall-e")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.body["code"] == "model_not_found"


def test_the_databases_model_configurations_are_listed(world: World, redis_client: Redis) -> None:
    configure(world, "new", {"version": "o/new", "pricing": 1.5, "supportedParams": ["prompt"]})
    configure(world, "flux-plain", None)
    shown = ask(world, "/models?mediaType=image").body["models"]
    assert [(model["modelId"], model["estimatedCost"]) for model in shown] == [
        ("flux-schnell", 0.003),
        ("new", 1.5),
        ("vanished", 0),
    ]


def test_an_entry_that_cannot_be_read_hides_no_other(world: World, logged: Logged) -> None:
    configure(world, "broken", {"pricing": 1})
    shown = {model["modelId"] for model in ask(world, "/models").body["models"]}
    assert "flux-schnell" in shown and "broken" not in shown
    assert [line["metadata"]["part"] for line in logged() if line["action"] == "degraded"] == ["model"]

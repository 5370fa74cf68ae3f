"""The list of models for clients shows exactly what generate_media accepts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_models.flow import Ports, answer
from mediagen.errors.refusals import InvalidFields, ModelNotFound, Unauthorized
from mediagen.http.edge import Request, Response
from mediagen.jobs.circuit_breaker import Availability
from mediagen.jobs.job import Job
from mediagen.models.catalogue import Catalogue, Model, read_model
from mediagen.models.health import ModelHealth
from mediagen.models.input_schemas import example_params, input_schema
from mediagen.models.params import checked_params
from unit.samples import NOW, USER_ID

SCHEMA = {
    "required": ["prompt", "size"],
    "properties": {
        "prompt": {"type": "string", "minLength": 3, "maxLength": 30},
        "size": {"allOf": [{"$ref": "#/definitions/size"}]},
        "steps": {"type": "integer", "minimum": 1, "maximum": 4},
        "secret": {"type": "string"},
    },
    "definitions": {"size": {"enum": ["1:1", "16:9"]}},
}
ENTRY = {
    "version": "o/m",
    "pricing": 0.003,
    "estimatedTime": 5,
    "supportedParams": ["prompt", "size", "steps", "free"],
    "inputSchema": SCHEMA,
    "defaults": {"steps": 2},
    "deadlineSeconds": 600,
}
FLUX = read_model("image", "flux", ENTRY)
PLAIN = read_model("audio", "music", {"version": "o/a", "supportedParams": ["prompt", "seconds"]})


@dataclass
class Models(Catalogue):
    """A catalogue."""

    models: list[Model] = field(default_factory=lambda: [FLUX, PLAIN])

    def all(self) -> list[Model]:
        return self.models


class Health(ModelHealth):
    """One model with a closed circuit, one with an open circuit."""

    def __init__(self) -> None:
        pass

    def look(self, models: Sequence[Job | Model], *, now: datetime) -> list[Availability]:
        assert now == NOW
        away = Availability("unavailable", 27)
        return [away if model.model_id == "music" else Availability("available") for model in models]


def ask(model_id: str | None = None, *, query: dict[str, str] | None = None, models: Models | None = None) -> Response:
    """Request one model, or all of them."""
    path = {} if model_id is None else {"modelId": model_id}
    request = Request({}, path, query or {}, b"", USER_ID, "r")
    return answer(request, now=NOW, ports=Ports(models or Models(), Health()))


def test_a_model_is_shown_with_schema_price_times_example_and_whether_it_works() -> None:
    assert ask("flux").body == {
        "mediaType": "image",
        "modelId": "flux",
        "estimatedTime": 5,
        "estimatedCost": 0.003,
        "deadlineSeconds": 600,
        "inputSchema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["prompt", "size"],
            "properties": {
                "prompt": SCHEMA["properties"]["prompt"],  # type: ignore[index]
                "size": {"allOf": [{"$ref": "#/definitions/size"}]},
                "steps": {"type": "integer", "minimum": 1, "maximum": 4, "default": 2},
                "free": {"type": ["string", "number", "boolean", "array"], "maxLength": 20_000},
            },
            "definitions": SCHEMA["definitions"],
        },
        "example": {
            "mediaType": "image",
            "modelId": "flux",
            "params": {"prompt": "a lighthouse at dawn", "size": "1:1"},
        },
        "availability": {"status": "available", "retryAfterSeconds": None},
    }


def test_a_model_with_an_open_circuit_has_a_retry_after() -> None:
    assert ask("music").body["availability"] == {"status": "unavailable", "retryAfterSeconds": 27}


def test_our_name_of_the_model_is_shown_and_not_its_owner_at_replicate() -> None:
    assert "o/m" not in str(ask("flux").body)


def test_all_are_shown_as_each_is_alone() -> None:
    assert ask().body == {"models": [ask("flux").body, ask("music").body]}


def test_a_media_type_narrows_the_list() -> None:
    assert ask(query={"mediaType": "audio"}).body == {"models": [ask("music").body]}
    assert ask(query={"mediaType": "video"}).body == {"models": []}


@pytest.mark.parametrize("model_id", [None, "flux"])
def test_an_unknown_media_type_is_refused_with_those_there_are(model_id: str | None) -> None:
    with pytest.raises(InvalidFields) as caught:
        ask(model_id, query={"mediaType": "text"})
    assert caught.value.errors[0].document()["allowed"] == ["video", "image", "audio"]


@pytest.mark.parametrize(("model_id", "query"), [("dall-e", {}), ("", {}), ("flux", {"mediaType": "audio"})])
def test_an_unknown_model_is_404(model_id: str, query: dict[str, str]) -> None:
    with pytest.raises(ModelNotFound) as caught:
        ask(model_id, query=query)
    assert caught.value.status == 404


def test_of_two_models_of_one_name_the_media_type_chooses() -> None:
    models = Models([FLUX, read_model("video", "flux", ENTRY)])
    assert ask("flux", query={"mediaType": "video"}, models=models).body["mediaType"] == "video"
    with pytest.raises(InvalidFields) as caught:
        ask("flux", models=models)
    assert caught.value.errors[0].path == "mediaType"


@pytest.mark.parametrize("path", [{}, {"modelId": "flux"}])
def test_without_a_user_nothing_is_shown(path: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
        answer(Request({}, path, {}, b"", "", "r"), now=NOW, ports=Ports(Models(), Health()))


@pytest.mark.parametrize("model", [FLUX, PLAIN], ids=lambda model: str(model.model_id))
@given(
    params=st.dictionaries(
        st.sampled_from(["prompt", "size", "steps", "free", "secret", "seconds"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(-1, 6), st.floats(0, 5), st.lists(st.integers(), max_size=2),
            st.sampled_from(["1:1", "a", "a text", "b" * 31]), st.just({}),
        ),
    )
)  # fmt: skip
def test_the_shown_schema_takes_exactly_what_a_request_may_have(model: Model, params: dict[str, Any]) -> None:
    shown = fastjsonschema.compile(input_schema(model), use_default=False)
    assert _is_taken(lambda: shown(params)) == _is_taken(lambda: checked_params(model, params))


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "string"},
        {"type": "string", "minLength": 60},
        {"type": "string", "maxLength": 2},
        {"type": "string", "format": "uri"},
        {"type": "string", "pattern": "^[a-z]{2}-[0-9]$", "examples": ["de-1"]},
        {"type": ["string", "null"]},
        {"type": "integer"},
        {"type": "integer", "maximum": -3},
        {"type": "number", "exclusiveMinimum": 2},
        {"type": "integer", "minimum": 7, "maximum": 9},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
        {"const": 5},
        {"enum": ["b", "a"]},
        {"enum": ["b", "a"], "default": "a"},
        {"allOf": [{"$ref": "#/$defs/format"}], "description": "of the file"},
        {"$ref": "#/$defs/format"},
    ],
    ids=str,
)
def test_an_example_is_accepted(definition: dict[str, Any]) -> None:
    defs = {"$defs": {"format": {"enum": ["webp", "png"]}}}
    schema = {"required": ["it"], "properties": {"it": definition}} | defs
    model = Model("image", "m", "o/m", Decimal(0), 1, ("it", "prompt"), schema)
    example = example_params(input_schema(model))
    assert list(example) == ["it", "prompt"]
    assert checked_params(model, example) == example


def test_what_has_a_default_need_not_be_in_the_example() -> None:
    model = read_model("image", "flux", ENTRY | {"defaults": {"size": "16:9"}})
    assert example_params(input_schema(model)) == {"prompt": "a lighthouse at dawn"}


def _is_taken(check: Any) -> bool:
    try:
        check()
    except (InvalidFields, fastjsonschema.JsonSchemaValueException) as refused:
        assert re.search(r"\w", str(refused))
        return False
    return True

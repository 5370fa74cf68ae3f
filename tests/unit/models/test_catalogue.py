"""The catalogue of models."""

import json
from decimal import Decimal
from typing import Any

import pytest

from mediagen.errors.problems import problem
from mediagen.errors.refusals import UnknownModel
from mediagen.models.catalogue import Catalogue, Models, merge, read_model

SCHEMA = {"type": "object", "properties": {"prompt": {"type": "string"}, "fps": {"type": "integer"}}}
MODELS: Models = {
    "video": {"stability-video": {"version": "stability-ai/stable-video-diffusion", "supportedParams": ["fps"]}},
    "image": {"flux-schnell": {"version": "black-forest-labs/flux-schnell"}, "a-model": {"version": "o/n"}},
}


class NoCache:
    """An empty cache that records writes."""

    def __init__(self) -> None:
        self.remembered: list[Models] = []

    def models(self) -> Any:
        return self.remembered[-1] if self.remembered else None

    def remember_models(self, models: Models) -> None:
        self.remembered.append(models)


class Rows:
    """A database with some rows of `model_configurations`."""

    def __init__(self, rows: list[dict[str, Any]] | None) -> None:
        self.rows = rows
        self.asked = 0

    def run(self, _sql: str) -> list[dict[str, Any]]:
        self.asked += 1
        if self.rows is None:
            raise OSError("away")
        return self.rows


def catalogue(rows: list[dict[str, Any]] | None, cache: NoCache | None = None) -> tuple[Catalogue, Rows, NoCache]:
    database, kept = Rows(rows), cache or NoCache()
    return Catalogue(json.dumps(MODELS), kept, database), database, kept  # type: ignore[arg-type]


def row(media_type: str, model_id: str, configuration: dict[str, Any] | None) -> dict[str, Any]:
    return {"media_type": media_type, "model_id": model_id, "configuration": configuration}


def test_an_entry_is_read_with_all_it_says() -> None:
    entry = {
        "version": "o/n",
        "pricing": 0.05,
        "estimatedTime": 60,
        "supportedParams": ["fps"],
        "inputSchema": SCHEMA,
        "defaults": {"fps": 6},
        "deadlineSeconds": 600,
    }
    model = read_model("video", "m", entry)
    assert (model.media_type, model.model_id, model.version) == ("video", "m", "o/n")
    assert (model.pricing, model.estimated_seconds, model.deadline_seconds) == (Decimal("0.05"), 60, 600)
    assert (model.supported_params, model.input_schema, model.defaults) == (("fps",), SCHEMA, {"fps": 6})


def test_an_entry_needs_a_version_only() -> None:
    model = read_model("image", "m", {"version": "o/n"})
    assert (model.pricing, model.estimated_seconds, model.deadline_seconds) == (Decimal(0), 60, 1800)
    assert (model.supported_params, model.input_schema, model.defaults) == ((), {}, {})
    with pytest.raises(KeyError, match="version"):
        read_model("image", "m", {})


def test_a_schema_says_which_params_there_are_where_no_list_does() -> None:
    assert read_model("video", "m", {"version": "o/n", "inputSchema": SCHEMA}).supported_params == ("prompt", "fps")


def test_a_price_is_exact() -> None:
    assert read_model("video", "m", {"version": "o/n", "pricing": 0.1}).pricing * 3 == Decimal("0.3")


def test_a_row_overrides_adds_or_removes_an_entry() -> None:
    rows = [
        row("image", "flux-schnell", {"version": "o/newer"}),
        row("image", "a-model", None),
        row("audio", "musicgen", {"version": "meta/musicgen"}),
        row("audio", "never-there", None),
    ]
    before = json.dumps(MODELS)
    assert merge(MODELS, rows) == {
        "video": MODELS["video"],
        "image": {"flux-schnell": {"version": "o/newer"}},
        "audio": {"musicgen": {"version": "meta/musicgen"}},
    }
    assert json.dumps(MODELS) == before


@pytest.mark.parametrize(
    ("media_type", "model_id", "names"),
    [
        ("image", "stability-video", ["a-model", "flux-schnell"]),
        ("video", "", ["stability-video"]),
        ("audio", "musicgen", []),
    ],
)
def test_an_unknown_model_is_refused_with_the_names_of_those_there_are(
    media_type: str, model_id: str, names: list[str]
) -> None:
    with pytest.raises(UnknownModel) as caught:
        catalogue([])[0].find(media_type, model_id)
    document = problem(caught.value)
    assert (document["status"], document["code"]) == (422, "unknown_model")
    [error] = caught.value.errors
    assert (error.path, error.code, error.allowed) == ("modelId", "unknown_model", names)


def test_the_database_is_asked_once_and_the_result_kept_for_others() -> None:
    models, database, cache = catalogue([row("image", "flux-schnell", {"version": "o/newer"})])
    assert models.find("image", "flux-schnell").version == "o/newer"
    models.find("image", "a-model")
    assert database.asked == 1
    assert catalogue(None, cache)[0].find("image", "flux-schnell").version == "o/newer"


def test_without_cache_and_database_the_environments_models_are_used_and_not_kept() -> None:
    models, _, cache = catalogue(None)
    assert models.find("image", "flux-schnell").version == "black-forest-labs/flux-schnell"
    assert cache.remembered == []

"""The catalogue: the environment's entries, the table's changes, and the cached copy."""

import json
from decimal import Decimal
from typing import Any

import pytest
from redis import Redis

from integration.stores.jobs import NOW
from integration.wire import at_port, closed_port
from mediagen.cache.cache import Cache
from mediagen.errors.refusals import UnknownModel
from mediagen.models.catalogue import Catalogue
from mediagen.records.database import Database

FLUX = {"version": "black-forest-labs/flux-schnell", "pricing": 0.003, "supportedParams": ["prompt"]}
BASE = json.dumps({"image": {"flux-schnell": FLUX, "old": {"version": "o/old"}}, "audio": {}})


@pytest.fixture
def catalogue(cache: Cache, database: Database) -> Catalogue:
    return Catalogue(BASE, cache, database)


def configure(sql: Any, media_type: str, model_id: str, entry: object) -> None:
    sql.run(
        "INSERT INTO model_configurations (media_type, model_id, configuration) VALUES (:media, :model, :entry)",
        media=media_type,
        model=model_id,
        entry=None if entry is None else json.dumps(entry),
    )


def test_without_rows_the_environment_speaks(catalogue: Catalogue) -> None:
    model = catalogue.find("image", "flux-schnell")
    assert (model.version, model.pricing, model.supported_params) == (FLUX["version"], Decimal("0.003"), ("prompt",))


def test_a_row_replaces_an_entry_and_others_stay(catalogue: Catalogue, sql: Any) -> None:
    configure(sql, "image", "flux-schnell", FLUX | {"pricing": 0.01, "deadlineSeconds": 60})
    model = catalogue.find("image", "flux-schnell")
    assert (model.pricing, model.deadline_seconds) == (Decimal("0.01"), 60)
    assert catalogue.find("image", "old").version == "o/old"


def test_a_row_adds_a_model_and_even_a_media_type(catalogue: Catalogue, sql: Any) -> None:
    configure(sql, "video", "new", {"version": "o/new"})
    assert catalogue.find("video", "new").version == "o/new"


def test_a_row_without_a_configuration_takes_a_model_away(catalogue: Catalogue, sql: Any) -> None:
    configure(sql, "image", "old", None)
    with pytest.raises(UnknownModel) as caught:
        catalogue.find("image", "old")
    assert caught.value.errors[0].allowed == ["flux-schnell"]


def test_the_rows_are_kept_in_the_cache_for_other_containers(
    catalogue: Catalogue, cache: Cache, database: Database, sql: Any, redis_client: Redis
) -> None:
    configure(sql, "video", "new", {"version": "o/new"})
    catalogue.find("video", "new")
    [kept] = json.loads(str(redis_client.get("models:config:v1")))
    assert (kept["media_type"], kept["model_id"]) == ("video", "new")
    sql.run("DELETE FROM model_configurations")
    assert Catalogue("{}", cache, database).find("video", "new").version == "o/new"


def test_an_entry_that_is_put_is_there_at_once_for_every_container_that_looks(
    catalogue: Catalogue, cache: Cache, database: Database, redis_client: Redis
) -> None:
    with pytest.raises(UnknownModel):
        catalogue.find("video", "new")
    for price in (1.5, 2.5):
        catalogue.put("video", "new", {"version": "o/new", "pricing": price}, NOW)
        assert Catalogue(BASE, cache, database).find("video", "new").pricing == Decimal(str(price))
    catalogue.put("image", "old", None, NOW)
    redis_client.flushall()
    with pytest.raises(UnknownModel):
        Catalogue(BASE, cache, database).find("image", "old")


def test_a_container_that_read_too_early_does_not_undo_it(
    catalogue: Catalogue, cache: Cache, database: Database
) -> None:
    early: list[Any] = []
    catalogue.put("video", "new", {"version": "o/new"}, NOW)
    cache.remember_models(early)
    assert Catalogue(BASE, cache, database).find("video", "new").version == "o/new"


def test_a_deployment_that_changes_the_environments_models_is_seen_at_once(
    catalogue: Catalogue, cache: Cache, database: Database
) -> None:
    catalogue.find("image", "old")
    changed = json.dumps({"image": {"old": {"version": "o/changed"}}})
    assert Catalogue(changed, cache, database).find("image", "old").version == "o/changed"


def test_without_the_database_the_environment_speaks_and_nothing_is_kept(
    cache: Cache, database_url: str, redis_client: Redis
) -> None:
    catalogue = Catalogue(BASE, cache, Database(lambda: at_port(database_url, closed_port())))
    assert catalogue.find("image", "old").version == "o/old"
    assert redis_client.keys() == []


def test_without_the_cache_the_rows_still_count(redis: str, database: Database, sql: Any) -> None:
    configure(sql, "image", "old", {"version": "o/newer"})
    away = Cache(lambda: at_port(redis, closed_port()))
    assert Catalogue(BASE, away, database).find("image", "old").version == "o/newer"

"""URLs of an existing PostgreSQL and Redis: required if configured, and passed again with a saved plan."""

from dataclasses import replace

import pytest

from common.paths import ROOT
from deploy.connections import changed_since, given, unfit, without_empty
from deploy.environment import Environment, load

DATABASE = {"TF_VAR_database_url": "postgresql://user@host/vsl"}
REDIS = {"TF_VAR_redis_url": "rediss://host/0"}


@pytest.fixture
def created() -> Environment:
    return replace(load(ROOT, "homolog"), own_database=False, own_cache=False)


@pytest.fixture
def brought(created: Environment) -> Environment:
    return replace(created, own_database=True, own_cache=True)


def test_if_both_stores_are_created_no_url_is_required(created: Environment) -> None:
    assert list(unfit(created, {"TF_VAR_database_url": ""})) == []


def test_if_both_stores_exist_both_urls_are_required(brought: Environment) -> None:
    database, redis = unfit(brought, {})
    assert "homolog brings its own PostgreSQL (database = null)" in database
    assert "export TF_VAR_database_url=postgresql://" in database
    assert "export TF_VAR_redis_url=rediss://" in redis
    assert list(unfit(brought, DATABASE | REDIS)) == []


def test_an_unused_url_is_reported(created: Environment) -> None:
    [told] = unfit(created, DATABASE)
    assert "homolog creates its PostgreSQL: unset TF_VAR_database_url, or set database = null" in told


def test_no_url_is_ever_shown(created: Environment, brought: Environment) -> None:
    secret = {"TF_VAR_database_url": "postgresql://user:hunter2@host/vsl"}
    told = [
        *unfit(created, secret),
        *unfit(brought, secret),
        *changed_since([], secret),
        *changed_since(given(REDIS), {}),
    ]
    assert told
    assert "hunter2" not in " ".join(told)


def test_an_empty_variable_is_none() -> None:
    assert given({"TF_VAR_database_url": "", **REDIS}) == ["redis_url"]
    assert without_empty({"TF_VAR_database_url": "", "TF_VAR_other": "", **REDIS}) == {"TF_VAR_other": "", **REDIS}


def test_a_plan_wants_the_urls_it_was_made_with() -> None:
    [told] = changed_since(["database_url", "redis_url"], DATABASE)
    assert told == "the plan was made with TF_VAR_redis_url, which is in no plan: export it again"


def test_a_plan_wants_no_url_it_was_made_without() -> None:
    [told] = changed_since(["database_url"], DATABASE | REDIS)
    assert told == "the plan was made without TF_VAR_redis_url: unset it, or plan again"

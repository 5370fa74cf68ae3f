"""apply_migrations as the deployer calls it."""

from collections.abc import Iterator

import pytest

from apply_migrations import handler
from integration.databases import MIGRATIONS, connected, new_database
from integration.flows.world import World

NAMES = sorted(path.name for path in MIGRATIONS.iterdir())


@pytest.fixture
def fresh(world: World, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Point the function at an empty database."""
    url = new_database(postgres)
    world.cloud.parameter("/vsl-test/fresh-database", url)
    monkeypatch.setenv("DATABASE_URL_PARAMETER", "/vsl-test/fresh-database")
    monkeypatch.setattr(handler, "FOLDER", MIGRATIONS)  # where the build puts them
    yield url


def test_the_deployer_is_told_what_ran(fresh: str) -> None:
    assert handler.lambda_handler({}, None) == {"applied": NAMES, "alreadyApplied": 0}
    with connected(fresh) as connection:
        assert connection.run("SELECT count(*) FROM schema_migrations") == [[len(NAMES)]]


def test_a_second_call_is_told_that_nothing_was_left_to_do(fresh: str) -> None:
    handler.lambda_handler({}, None)
    assert handler.lambda_handler({}, None) == {"applied": [], "alreadyApplied": len(NAMES)}

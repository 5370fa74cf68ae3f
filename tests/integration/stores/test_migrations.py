"""apply_migrations: each migration once, in order, atomically, by one migrator at a time."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError

from apply_migrations.flow import Migration, MigrationRefused, apply_migrations, read_migrations
from integration.databases import MIGRATIONS, connected, new_database

ONE = Migration(1, "0001_one.sql", "CREATE TABLE one (a integer); INSERT INTO one VALUES (1)")
TWO = Migration(2, "0002_two.sql", "ALTER TABLE one ADD COLUMN b text DEFAULT 'x'")
BROKEN = Migration(2, "0002_two.sql", "CREATE TABLE two (a integer); INSERT INTO one VALUES (2); SELECT 1 / 0")


@pytest.fixture
def url(postgres: str) -> str:
    return new_database(postgres)


@pytest.fixture
def connection(url: str) -> Iterator[Any]:
    with connected(url) as opened:
        yield opened


def recorded(connection: Any) -> list[list[Any]]:
    rows: list[list[Any]] = connection.run("SELECT version, name FROM schema_migrations ORDER BY version")
    return rows


def test_a_fresh_database_gets_every_migration_and_says_which(connection: Any) -> None:
    migrations = read_migrations(MIGRATIONS)
    done = apply_migrations(migrations, connection)
    assert done == {"applied": [migration.name for migration in migrations], "alreadyApplied": 0}
    assert recorded(connection) == [[migration.version, migration.name] for migration in migrations]


def test_a_second_run_does_nothing_and_says_so(connection: Any) -> None:
    apply_migrations([ONE, TWO], connection)
    assert apply_migrations([ONE, TWO], connection) == {"applied": [], "alreadyApplied": 2}


def test_only_what_is_new_runs(connection: Any) -> None:
    apply_migrations([ONE], connection)
    assert apply_migrations([ONE, TWO], connection) == {"applied": ["0002_two.sql"], "alreadyApplied": 1}
    assert connection.run("SELECT a, b FROM one") == [[1, "x"]]


def test_every_migration_that_ran_is_logged(connection: Any, capsys: pytest.CaptureFixture[str]) -> None:
    apply_migrations([ONE, TWO], connection)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [(line["action"], line["metadata"]["name"]) for line in lines]
    assert told == [("migration.applied", "0001_one.sql"), ("migration.applied", "0002_two.sql")]


def test_of_two_migrators_at_once_one_applies_everything_and_the_other_nothing(url: str) -> None:
    barrier = Barrier(2)

    def migrate(_: int) -> dict[str, Any]:
        with connected(url) as mine:
            barrier.wait()
            return apply_migrations([ONE, TWO], mine)

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(migrate, range(2)), key=lambda one: int(one["alreadyApplied"]))
    everything = {"applied": ["0001_one.sql", "0002_two.sql"], "alreadyApplied": 0}
    assert done == [everything, {"applied": [], "alreadyApplied": 2}]


def test_a_migration_that_fails_leaves_nothing_behind_and_the_earlier_ones_stay(connection: Any, url: str) -> None:
    with pytest.raises(DatabaseError):
        apply_migrations([ONE, BROKEN], connection)
    assert recorded(connection) == [[1, "0001_one.sql"]]
    assert connection.run("SELECT a FROM one") == [[1]]
    assert connection.run("SELECT to_regclass('two')") == [[None]]
    with connected(url) as other:  # no lock and no transaction is left open
        assert apply_migrations([ONE, TWO], other)["applied"] == ["0002_two.sql"]


def test_a_file_that_was_changed_after_it_ran_is_refused_by_name(connection: Any) -> None:
    apply_migrations([ONE], connection)
    with pytest.raises(MigrationRefused, match=r"0001_one\.sql was changed"):
        apply_migrations([replace(ONE, sql=ONE.sql + " "), TWO], connection)
    assert recorded(connection) == [[1, "0001_one.sql"]]


def test_an_older_package_is_refused_by_a_newer_database(connection: Any) -> None:
    apply_migrations([ONE, TWO], connection)
    with pytest.raises(MigrationRefused, match=r"0002_two\.sql has run .* deploy a newer one"):
        apply_migrations([ONE], connection)


def test_a_refused_run_leaves_no_lock(connection: Any, url: str) -> None:
    apply_migrations([ONE, TWO], connection)
    with pytest.raises(MigrationRefused):
        apply_migrations([ONE], connection)
    with connected(url) as other:
        assert apply_migrations([ONE, TWO], other)["applied"] == []


def test_a_colon_in_a_migration_is_no_parameter(connection: Any) -> None:
    text = Migration(1, "0001_text.sql", "CREATE TABLE texts AS SELECT 'at 17:00, :name'::text AS t -- :x")
    apply_migrations([text], connection)
    assert connection.run("SELECT t FROM texts") == [["at 17:00, :name"]]

"""The functions' role has every right that their statements need, and no other.

All other tests prove that no right is missing, because the stores and the flows log in as the functions do.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from integration.databases import APPLICATION
from integration.stores.statements import Watched, use_everything
from mediagen.cache.cache import Cache

RIGHTS = "vsl_rights"
DENIED = "42501"
NEEDED = {
    "users": {"SELECT", "INSERT"},
    "api_keys": {"SELECT", "INSERT", "UPDATE"},
    "jobs": {"SELECT", "INSERT", "UPDATE"},
    "job_events": {"INSERT"},
    "media_outputs": {"SELECT", "INSERT", "DELETE"},
    "batches": {"SELECT", "INSERT"},
    "idempotency_keys": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "foreign_predictions": {"SELECT", "INSERT", "DELETE"},
    "daily_usage": {"SELECT"},
    "epoch": {"SELECT"},
    "model_configurations": {"SELECT", "INSERT", "UPDATE"},
    "signing_keys": {"SELECT"},
    "turns": {"SELECT", "INSERT", "UPDATE"},
    "provider_account": {"SELECT", "INSERT", "UPDATE"},
    "absences": {"SELECT", "INSERT", "UPDATE"},
    "callbacks": {"SELECT", "INSERT", "UPDATE"},
    "callback_tries": {"SELECT", "INSERT"},
    "callback_secrets": {"SELECT", "INSERT", "UPDATE"},
}
# Some tables grant a few columns only. History is append-only, except that a deleted job's texts are removed.
OF_COLUMNS = {
    "users": {f"UPDATE ({limit})" for limit in ("rate_per_hour", "concurrent_jobs", "monthly_budget")},
    "job_events": {"SELECT (job_id)", "SELECT (details)", "UPDATE (details)"},
}
EACH = [(table, verb) for rights in (NEEDED, OF_COLUMNS) for table, verbs in rights.items() for verb in sorted(verbs)]


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    database = Watched(lambda: database_url)
    yield database
    database.close()


def rights(sql: Any, role: str) -> dict[str, set[str]]:
    """List the rights granted to a role itself."""
    found: dict[str, set[str]] = {}
    query = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = :role"
    for table, verb in sql.run(f"{query} AND table_schema = 'public'", role=role):
        found.setdefault(table, set()).add(verb)
    return found


def rights_on_columns(sql: Any, role: str) -> dict[str, set[str]]:
    """List the rights granted on columns, beyond those on the whole table."""
    found: dict[str, set[str]] = {}
    query = "SELECT table_name, privilege_type, column_name FROM information_schema.role_column_grants"
    for table, verb, column in sql.run(f"{query} WHERE grantee = :role AND table_schema = 'public'", role=role):
        if verb not in NEEDED[table]:
            found.setdefault(table, set()).add(f"{verb} ({column})")
    return found


def test_the_rights_are_those_that_are_needed_and_belong_to_the_group(sql: Any) -> None:
    assert rights(sql, RIGHTS) == NEEDED
    assert rights_on_columns(sql, RIGHTS) == OF_COLUMNS
    assert rights(sql, APPLICATION) == rights(sql, "PUBLIC") == {}


def test_with_all_of_them_nothing_is_refused(watched: Watched, cache: Cache, user_id: str) -> None:
    use_everything(watched, cache, user_id)
    assert watched.refusals == []


@pytest.mark.parametrize(("table", "verb"), EACH)
def test_without_one_of_them_something_is_refused(
    watched: Watched, cache: Cache, sql: Any, user_id: str, table: str, verb: str
) -> None:
    sql.run(f"REVOKE {verb} ON {table} FROM {RIGHTS}")
    try:
        with suppress(IndexError):  # the row of a refused statement
            use_everything(watched, cache, user_id)
    finally:
        sql.run(f"GRANT {verb} ON {table} TO {RIGHTS}")
    assert DENIED in watched.refusals


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM jobs",
        "UPDATE job_events SET reason = 'x'",
        "SELECT * FROM schema_migrations",
        "ALTER TABLE jobs ADD COLUMN more text",
        "CREATE TABLE mine (a integer)",
        "CREATE ROLE another",
        "TRUNCATE users",
        "UPDATE users SET name = 'x'",
        "UPDATE daily_usage SET cost = 0",
    ],
)
def test_history_the_schema_and_the_roles_are_out_of_reach(watched: Watched, statement: str) -> None:
    watched.run(statement)
    assert watched.refusals == [DENIED]


def test_a_table_of_a_later_migration_is_closed_until_it_is_opened(watched: Watched, sql: Any) -> None:
    sql.run("CREATE TABLE later (a integer)")
    try:
        watched.run("SELECT * FROM later")
    finally:
        sql.run("DROP TABLE later")
    assert watched.refusals == [DENIED]

"""Each group of functions has its own role, with every right that its statements need and no other (ADR 36)."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis

from integration.databases import as_user
from integration.stores.jobs import added
from integration.stores.statements import Watched, use_access, use_jobs, use_media
from mediagen.cache.cache import Cache
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords

DENIED = "42501"
GROUPS = ("media", "access", "jobs")
_ON_TABLES = """
SELECT privilege_type, table_name FROM information_schema.role_table_grants
WHERE grantee = :role AND table_schema = 'public'
"""
_ON_COLUMNS = """
SELECT privilege_type, quote_ident(column_name), table_name FROM information_schema.role_column_grants
WHERE grantee = :role AND table_schema = 'public'
"""
# Denied to every group: history, the schema, other roles, and the rights of the other groups.
FORBIDDEN_TO_ALL = [
    "DELETE FROM jobs",
    "UPDATE job_events SET reason = 'x'",
    "SELECT * FROM schema_migrations",
    "CREATE TABLE mine (a integer)",
    "CREATE ROLE another",
    "SET ROLE vsl_rights",
    "UPDATE daily_usage SET cost = 0",
    "UPDATE users SET disabled_at = NULL",
]
NEW_KEY = "INSERT INTO api_keys (id) VALUES (gen_random_uuid())"
NEW_BUDGET = "UPDATE users SET monthly_budget = 999999"
NEW_USER = "INSERT INTO users (id, name, created_at, monthly_budget) VALUES (gen_random_uuid(), 'x', now(), 999999)"
NEW_MODEL = "INSERT INTO model_configurations (media_type, model_id) VALUES ('image', 'x')"
SECRETS = ["SELECT secret FROM callback_secrets", "UPDATE callback_secrets SET secret = ''"]
FORBIDDEN = {
    "media": [
        NEW_KEY,
        NEW_BUDGET,
        NEW_USER,
        NEW_MODEL,
        *SECRETS,
        "SELECT * FROM users",
        "SELECT * FROM api_keys",
        "SELECT * FROM signing_keys",
        "SELECT * FROM admit(NULL, NULL, 1, now(), 1, 1)",
        "SELECT * FROM idempotency_keys",
        "SELECT url FROM callbacks",
        "SELECT * FROM job_events",
        "INSERT INTO jobs (id) VALUES (gen_random_uuid())",
        "UPDATE jobs SET user_id = gen_random_uuid()",
        "UPDATE jobs SET params = '{}'",
        "UPDATE jobs SET estimated_cost = 0",
        "UPDATE media_outputs SET key = 'x'",
        "DELETE FROM media_outputs",
    ],
    "access": [*SECRETS, NEW_USER, "SELECT * FROM jobs", "SELECT * FROM media_outputs", "DELETE FROM api_keys"],
    "jobs": [NEW_KEY, NEW_BUDGET, NEW_USER, NEW_MODEL, "UPDATE api_keys SET revoked_at = NULL"],
}
ACTS = [(group, act) for group in GROUPS for act in (*FORBIDDEN_TO_ALL, *FORBIDDEN[group])]

type Use = Callable[[str, Watched], None]


@pytest.fixture
def logged_in(instance_url: str, sql: Any) -> Iterator[Callable[[str], Watched]]:
    """Connect as the role of a group."""
    password = urlsplit(instance_url).password or ""
    made: list[Watched] = []

    def connect(group: str) -> Watched:
        made.append(Watched(lambda: as_user(instance_url, f"vsl_{group}", password)))
        return made[-1]

    yield connect
    for database in made:
        database.close()


@pytest.fixture
def use(database_url: str, cache: Cache, redis_client: Redis, user_id: str) -> Iterator[Use]:
    """Run all statements of a group, on rows that the other groups made."""
    others = Database(lambda: database_url)

    def run(group: str, database: Watched) -> None:
        redis_client.flushall()  # models' rows are cached
        others.run("UPDATE users SET concurrent_jobs = 1000")  # so that admit() locks the user
        with suppress(IndexError, ValueError):  # the row of a refused statement
            if group == "media":
                job = added(JobRecords(others), user_id, callback_url="https://hooks.example.com/vsl")
                use_media(database, job.id)
                others.run("UPDATE jobs SET replicate_id = NULL")
            else:
                {"access": use_access, "jobs": use_jobs}[group](database, cache, user_id)

    yield run
    others.close()


def rights_of(sql: Any, group: str) -> list[tuple[str, str]]:
    """List the rights of a group as GRANT and REVOKE write them: (`UPDATE (cost)`, `jobs`)."""
    role = f"vsl_{group}_rights"
    tables = [(verb, table) for verb, table in sql.run(_ON_TABLES, role=role)]
    columns = [
        (f"{verb} ({column})", table)
        for verb, column, table in sql.run(_ON_COLUMNS, role=role)
        if (verb, table) not in tables
    ]
    return [*tables, *columns]


@pytest.mark.parametrize("group", GROUPS)
def test_the_role_of_a_group_may_do_all_that_its_functions_do(
    logged_in: Callable[[str], Watched], use: Use, group: str
) -> None:
    database = logged_in(group)
    use(group, database)
    assert database.refusals == []


@pytest.mark.parametrize("group", GROUPS)
def test_no_statement_of_a_group_can_do_without_any_of_its_rights(
    logged_in: Callable[[str], Watched], use: Use, sql: Any, group: str
) -> None:
    granted = rights_of(sql, group)
    unused = []
    for verb, table in granted:
        database = logged_in(group)
        sql.run(f"REVOKE {verb} ON {table} FROM vsl_{group}_rights")
        try:
            use(group, database)
        finally:
            sql.run(f"GRANT {verb} ON {table} TO vsl_{group}_rights")
            database.close()
        if DENIED not in database.refusals:
            unused.append(f"{verb} ON {table}")
    assert len(granted) > 10
    assert unused == []


@pytest.mark.parametrize(("group", "act"), ACTS)
def test_what_a_group_must_never_do_is_refused(logged_in: Callable[[str], Watched], group: str, act: str) -> None:
    database = logged_in(group)
    database.run(act)
    assert database.refusals == [DENIED]


@pytest.mark.parametrize("group", GROUPS)
def test_a_role_has_no_rights_but_those_of_its_group(sql: Any, group: str) -> None:
    of_login = "SELECT CAST(CAST(roleid AS regrole) AS text) FROM pg_auth_members WHERE member = CAST(:role AS regrole)"
    assert sql.run(of_login, role=f"vsl_{group}") == [[f"vsl_{group}_rights"]]
    assert sql.run(_ON_TABLES, role=f"vsl_{group}") == []
    assert sql.run(of_login, role=f"vsl_{group}_rights") == []

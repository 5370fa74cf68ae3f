"""Databases on the PostgreSQL of the tests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from apply_migrations.flow import apply_migrations, read_migrations
from apply_migrations.limits import limit_sessions
from integration.waiting import eventually
from mediagen.records.database import connect

MIGRATIONS = Path(__file__).parents[2] / "sql" / "migrations"
APPLICATION = "vsl_app"
LOGINS = (APPLICATION, "vsl_media", "vsl_access", "vsl_jobs")
TABLES = (
    "callback_tries",
    "callbacks",
    "callback_secrets",
    "idempotency_keys",
    "media_outputs",
    "job_events",
    "jobs",
    "turns",
    "batches",
    "daily_usage",
    "api_keys",
    "users",
    "model_configurations",
    "foreign_predictions",
    "provider_account",  # may hold a time that a test advanced to, with which the next test could not prove absence
)


@contextmanager
def connected(url: str, *, statement_seconds: int | None = 60) -> Iterator[Any]:
    """Open a plain connection for checks and disturbances; None leaves the server's statement limit."""
    with closing(connect(url, statement_seconds=statement_seconds)) as connection:
        yield connection


def new_database(server: str) -> str:
    """Create an empty database and return its URL."""
    name = f"test_{uuid4().hex[:12]}"
    with connected(server) as connection:
        connection.run(f"CREATE DATABASE {name}")
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def migrate(url: str) -> dict[str, Any]:
    """Migrate a database to the newest schema, as the deployer's function does."""
    with connected(url) as connection:
        answer = apply_migrations(read_migrations(MIGRATIONS), connection)
        limit_sessions(connection)
        return answer


def as_application(url: str) -> str:
    """Return the URL with which the functions log in, with exactly their role's rights."""
    password = urlsplit(url).password
    with connected(url) as connection:
        for login in LOGINS:
            connection.run(f"ALTER ROLE {login} PASSWORD '{password}'")
    return as_user(url, APPLICATION, password or "")


def as_user(url: str, user: str, password: str) -> str:
    """Return the URL of another role for the same database."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}").geturl()


def set_rules(server: str, admin: Any, *rules: str) -> None:
    """Replace the lines of pg_hba.conf, the server's login rules."""
    [[file]] = admin.run("SHOW hba_file")
    before = _rules_read_at(server)
    admin.run(f"COPY (VALUES {', '.join(f"('{rule}')" for rule in rules)}) TO '{file}'")
    admin.run("SELECT pg_reload_conf()")
    eventually(lambda: _rules_read_at(server) > before, "the new rules")


def _rules_read_at(server: str) -> Any:
    """Return the load time of the login rules that apply to a new connection."""
    with connected(server) as connection:
        return connection.run("SELECT pg_conf_load_time()")[0][0]


def empty_tables(connection: Any) -> None:
    """Empty all tables with DELETE, which is ten times as fast as TRUNCATE for few rows."""
    connection.run("ROLLBACK")  # transactions that a failed test left open
    for table in TABLES:
        connection.run(f"DELETE FROM {table}")
    connection.run("UPDATE epoch SET began_at = to_timestamp(0)")

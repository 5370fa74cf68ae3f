"""Databases on the PostgreSQL of the tests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from apply_migrations.flow import apply_migrations, read_migrations
from mediagen.database import connect

MIGRATIONS = Path(__file__).parents[2] / "sql" / "migrations"
TABLES = ("media_outputs", "job_events", "jobs", "api_keys", "users", "model_configurations")


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """Open a plain connection, to look at the tables and to disturb them."""
    with closing(connect(url, statement_seconds=60)) as connection:
        yield connection


def new_database(server: str) -> str:
    """Make an empty database and give its URL."""
    name = f"test_{uuid4().hex[:12]}"
    with connected(server) as connection:
        connection.run(f"CREATE DATABASE {name}")
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def migrate(url: str) -> dict[str, Any]:
    """Bring a database to the newest schema."""
    with connected(url) as connection:
        return apply_migrations(read_migrations(MIGRATIONS), connection)


def empty_tables(connection: Any) -> None:
    """Empty all tables; with few rows DELETE is ten times as fast as TRUNCATE."""
    connection.run("ROLLBACK")  # of what a failed test left open
    for table in TABLES:
        connection.run(f"DELETE FROM {table}")

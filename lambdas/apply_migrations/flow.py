"""Migrate the database to the newest schema: each migration once, in order, in its own transaction."""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mediagen import log
from mediagen.errors.text import SafeMessage

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK = 7_205_759_403  # an arbitrary constant
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationRefused(SafeMessage, Exception):
    """The migration files and the database do not match. Nothing was changed."""


class Connection(Protocol):
    """A pg8000.native connection."""

    def run(self, sql: str, **parameters: Any) -> Any:
        """Run one statement, or several without parameters."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered migration file."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return the SHA-256 of the text, in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path) -> list[Migration]:
    """Read `NNNN_name.sql` files. Raises MigrationRefused for other names, gaps and duplicates."""
    migrations = []
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if not match:
            raise MigrationRefused(f"{path.name} is not named like 0001_what_it_does.sql")
        migrations.append(Migration(int(match[1]), path.name, path.read_text(encoding="utf-8")))
    versions = [migration.version for migration in migrations]
    if versions != list(range(1, len(versions) + 1)):
        raise MigrationRefused(f"the numbers must be 1, 2, 3 … without gaps or doubles, but are {versions}")
    return migrations


def apply_migrations(migrations: list[Migration], connection: Connection) -> dict[str, Any]:
    """Apply the new migrations. Returns their names, and how many were applied before."""
    with one_at_a_time(connection):
        connection.run(_TABLE)
        applied = {version: (name, checksum) for version, name, checksum in _applied(connection)}
        check(migrations, applied)
        new = [migration for migration in migrations if migration.version not in applied]
        for migration in new:
            apply(migration, connection)
    return {"applied": [migration.name for migration in new], "alreadyApplied": len(applied)}


@contextmanager
def one_at_a_time(connection: Connection) -> Iterator[None]:
    """Lock out every other migrator of this database for the length of the block."""
    connection.run("SELECT pg_advisory_lock(:lock)", lock=_LOCK)
    try:
        yield
    finally:
        connection.run("SELECT pg_advisory_unlock(:lock)", lock=_LOCK)


def check(migrations: list[Migration], applied: dict[int, tuple[str, str]]) -> None:
    """Compare the files with the applied migrations. Raises MigrationRefused naming the file."""
    files = {migration.version: migration for migration in migrations}
    for version, (name, checksum) in sorted(applied.items()):
        if version not in files:
            raise MigrationRefused(f"{name} has run on this database but is not in this package: deploy a newer one")
        if files[version].checksum != checksum:
            raise MigrationRefused(f"{files[version].name} was changed after it ran: undo that and add a new migration")


def apply(migration: Migration, connection: Connection) -> None:
    """Apply one migration and record it, in one transaction."""
    started = time.monotonic()
    connection.run("BEGIN")
    try:
        connection.run(migration.sql)
        connection.run(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES (:version, :name, :checksum)",
            version=migration.version,
            name=migration.name,
            checksum=migration.checksum,
        )
        connection.run("COMMIT")
    except BaseException:
        connection.run("ROLLBACK")
        raise
    duration = (time.monotonic() - started) * 1000
    log.event("migration.applied", duration_ms=duration, metadata={"name": migration.name})


def _applied(connection: Connection) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in connection.run("SELECT version, name, checksum FROM schema_migrations")]

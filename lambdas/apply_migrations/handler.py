"""Edge of `apply_migrations`."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apply_migrations.flow import apply_migrations, read_migrations
from mediagen import edge, wiring
from mediagen.database import connect
from mediagen.settings import read_settings

FOLDER = Path(__file__).parent / "migrations"  # put here by the build
STATEMENT_SECONDS = 240  # of the function's 300: waiting for the lock, building an index


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url_parameter: str


def lambda_handler(_event: edge.Event, _context: Any) -> dict[str, Any]:
    """Apply the migrations of this package."""
    return edge.task("apply_migrations", run)


def run() -> dict[str, Any]:
    """Connect and apply."""
    url = wiring.secrets().parameter(read_settings(Settings).database_url_parameter)
    with closing(connect(url, statement_seconds=STATEMENT_SECONDS)) as connection:
        return apply_migrations(read_migrations(FOLDER), connection)

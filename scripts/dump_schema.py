"""Write sql/schema.sql, the schema that the migrations add up to: `python scripts/dump_schema.py [--check]`."""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from local_cloud.postgres import postgres_server, wheel_programs

ROOT = Path(__file__).parents[1]
SQL = ROOT / "sql"
SCHEMA = SQL / "schema.sql"
HEADER = """\
-- Generated from sql/migrations by scripts/dump_schema.py: do not edit.
-- The roles are the server's, so they are not in here: see sql/migrations/0004_application_role.sql.

"""
# Remarks and settings name the version of the program, and \restrict has a random word.
NOISE = ("--", "SET ", "SELECT pg_catalog.set_config", "\\")
# Functions come before the tables they name.
KEPT = "SET check_function_bodies = false;"


def main() -> int:
    """Write the file, or with --check only compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the file is not current, change nothing")
    check: bool = parser.parse_args().check
    os.environ["LOG_LEVEL"] = "WARNING"  # the migrations that ran are no news here
    sys.path[:0] = [str(ROOT / "lambdas"), str(ROOT / "layers" / "shared" / "python")]
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder)) as url:
        schema = schema_of_migrations(url)
    if not check:
        SCHEMA.write_text(schema)
    elif not SCHEMA.exists() or SCHEMA.read_text() != schema:
        print("sql/schema.sql does not match the migrations: run make schema", file=sys.stderr)
        return 1
    return 0


def schema_of_migrations(url: str) -> str:
    """Apply the migrations to an empty database and describe what they made."""
    from apply_migrations.flow import apply_migrations, read_migrations  # on the path since main()
    from mediagen.records.database import connect

    with closing(connect(url)) as connection:
        apply_migrations(read_migrations(SQL / "migrations"), connection)
    return dump(url)


def dump(url: str) -> str:
    """Describe the tables of a database in SQL that makes them, the same with every version of the program."""
    command = [str(wheel_programs() / "pg_dump"), "--schema-only", "--no-owner", "--dbname", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line == KEPT or not line.startswith(NOISE)]
    statements = "\n".join(lines).split("\n\n")
    return HEADER + "\n\n".join(text.strip("\n") for text in statements if text.strip()) + "\n"


if __name__ == "__main__":
    sys.exit(main())

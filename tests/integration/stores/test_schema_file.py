"""sql/schema.sql shows all tables in one file."""

from dump_schema import SCHEMA, dump, schema_of_migrations
from integration.databases import connected, new_database


def test_the_schema_file_is_what_the_migrations_make(postgres: str) -> None:
    assert SCHEMA.read_text() == schema_of_migrations(new_database(postgres)), "run `python scripts/dump_schema.py`"


def test_the_schema_file_makes_the_same_tables_where_there_are_the_roles(postgres: str, migrated: str) -> None:
    url = new_database(postgres)
    with connected(url) as connection:
        connection.run(SCHEMA.read_text())
    assert dump(url) == SCHEMA.read_text()

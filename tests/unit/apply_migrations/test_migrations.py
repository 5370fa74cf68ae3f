"""Migrations are discovered, and compared with the database."""

from pathlib import Path

import pytest

from apply_migrations.flow import Migration, MigrationRefused, check, read_migrations

FIRST = Migration(1, "0001_users.sql", "CREATE TABLE users ();")
SECOND = Migration(2, "0002_jobs.sql", "CREATE TABLE jobs ();")


def test_migrations_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    # In another order than their numbers.
    for name, text in (("0002_jobs.sql", SECOND.sql), ("0001_users.sql", FIRST.sql)):
        (tmp_path / name).write_text(text)
    assert read_migrations(tmp_path) == [FIRST, SECOND]


def test_the_text_is_utf_8_wherever_it_runs(tmp_path: Path) -> None:
    (tmp_path / "0001_x.sql").write_bytes("-- é".encode())
    assert read_migrations(tmp_path)[0].sql == "-- é"


@pytest.mark.parametrize(
    "name",
    ["1_x.sql", "0001-x.sql", "0001_X.sql", "0001_x.SQL", "0001_.sql", "0001_x.sql~", "README.md", "00001_x.sql"],
)
def test_a_file_of_another_name_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(MigrationRefused, match=name.replace(".", r"\.")):
        read_migrations(tmp_path)


@pytest.mark.parametrize("names", [["0002_b"], ["0001_a", "0003_c"], ["0001_a", "0001_b"], ["0000_a"]])
def test_gaps_and_doubles_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / f"{name}.sql").write_text("")
    with pytest.raises(MigrationRefused, match="without gaps or doubles"):
        read_migrations(tmp_path)


def test_an_empty_folder_has_no_migrations(tmp_path: Path) -> None:
    assert read_migrations(tmp_path) == []


@pytest.mark.parametrize("ran", [[], [FIRST], [FIRST, SECOND]])
def test_a_database_that_is_behind_or_level_fits(ran: list[Migration]) -> None:
    check([FIRST, SECOND], {migration.version: (migration.name, migration.checksum) for migration in ran})


def test_a_file_changed_after_it_ran_is_refused_by_name() -> None:
    with pytest.raises(MigrationRefused, match=r"0001_users\.sql was changed"):
        check([FIRST, SECOND], {1: (FIRST.name, "0" * 64)})


def test_a_database_that_is_ahead_of_the_package_is_refused_by_name() -> None:
    with pytest.raises(MigrationRefused, match=r"0002_jobs\.sql has run"):
        check([FIRST], {1: (FIRST.name, FIRST.checksum), 2: (SECOND.name, SECOND.checksum)})


def test_a_renamed_file_with_the_same_text_still_fits() -> None:
    check([FIRST], {1: ("0001_people.sql", FIRST.checksum)})


def test_the_migrations_of_this_project_are_in_order() -> None:
    folder = Path(__file__).parents[3] / "sql" / "migrations"
    assert len(read_migrations(folder)) >= 3

"""What becomes of a statement when the connection, the plan or the time it had is gone."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from integration.databases import APPLICATION
from integration.wire import at_port, closed_port, silent_server
from mediagen.aws.errors import AwsError
from mediagen.records import database as module
from mediagen.records.database import STATEMENT_SECONDS, Database, StatementFailed, connect
from mediagen.refusals import Unavailable


def backend(database: Database) -> int:
    return int(database.run("SELECT pg_backend_pid() AS pid")[0]["pid"])


def test_a_prepared_statement_goes_on_after_the_server_closed_the_connection(database: Database, sql: Any) -> None:
    before = backend(database)
    sql.run("SELECT pg_terminate_backend(:pid)", pid=before)
    assert backend(database) != before


def test_a_prepared_statement_goes_on_after_a_migration_changed_its_columns(database: Database, sql: Any) -> None:
    sql.run(f"CREATE TABLE changing AS SELECT 1 AS one; GRANT SELECT ON changing TO {APPLICATION}")
    try:
        assert database.run("SELECT * FROM changing") == [{"one": 1}]
        sql.run("ALTER TABLE changing ADD COLUMN two text DEFAULT 'b'")
        assert database.run("SELECT * FROM changing") == [{"one": 1, "two": "b"}]
    finally:
        sql.run("DROP TABLE changing")


def test_a_wrong_statement_is_our_mistake_and_the_connection_is_kept(database: Database) -> None:
    before = backend(database)
    with pytest.raises(StatementFailed, match=r"^22012 division by zero$"):
        database.run("SELECT 1 / :zero AS x", zero=0)
    assert backend(database) == before


def test_every_connection_has_a_statement_time_out(database: Database) -> None:
    assert database.run("SHOW statement_timeout") == [{"statement_timeout": f"{STATEMENT_SECONDS}s"}]


def test_a_statement_that_takes_too_long_is_given_up_and_not_sent_again(database: Database, sql: Any) -> None:
    sql.run(f"CREATE SEQUENCE attempts; GRANT USAGE ON SEQUENCE attempts TO {APPLICATION}")
    try:
        database.run("SET statement_timeout = 50")
        with pytest.raises(Unavailable):
            database.run("SELECT nextval('attempts'), pg_sleep(60)")
        assert sql.run("SELECT last_value FROM attempts") == [[1]]
    finally:
        sql.run("DROP SEQUENCE attempts")


def test_a_server_that_is_down_is_unavailable_for_now(database_url: str) -> None:
    database = Database(lambda: at_port(database_url, closed_port()))
    with pytest.raises(Unavailable) as caught:
        database.run("SELECT 1")
    assert caught.value.retry_after_seconds == 5


def test_a_database_whose_url_cannot_be_read_is_unavailable_for_now() -> None:
    def url() -> str:
        raise AwsError("ThrottlingException", 400, "slower")

    with pytest.raises(Unavailable):
        Database(url).run("SELECT 1")


def test_a_server_that_never_answers_is_asked_once(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the time-out is more than `authorize` has."""
    monkeypatch.setattr(module, "connect", partial(connect, statement_seconds=0))
    with silent_server() as silent:
        with pytest.raises(Unavailable):
            Database(lambda: at_port(database_url, silent.port)).run("SELECT 1")
        assert silent.connections == 1


def test_a_wrong_password_is_unavailable_until_the_operator_mends_it(database_url: str) -> None:
    parts = urlsplit(database_url)
    wrong = parts._replace(netloc=parts.netloc.replace(parts.password or "", "wrong")).geturl()
    with pytest.raises(Unavailable):
        Database(lambda: wrong).run("SELECT 1")


def test_a_new_password_is_asked_for_with_the_next_connection(database_url: str) -> None:
    parts = urlsplit(database_url)
    urls = [parts._replace(netloc=parts.netloc.replace(parts.password or "", "old")).geturl(), database_url]
    database = Database(lambda: urls.pop(0))
    assert database.run("SELECT 1 AS one") == [{"one": 1}]
    database.close()


def test_a_database_comes_back_by_itself(database_url: str) -> None:
    urls = [at_port(database_url, closed_port())] * 2 + [database_url]
    database = Database(lambda: urls.pop(0))
    with pytest.raises(Unavailable):
        database.run("SELECT 1 AS one")
    assert database.run("SELECT 1 AS one") == [{"one": 1}]
    database.close()


def test_statements_run_together_are_undone_together_when_a_later_one_fails(
    database: Database, user_id: str, sql: Any
) -> None:
    def act() -> None:
        database.run("INSERT INTO users VALUES (gen_random_uuid(), 'another', now())")
        database.run("SELECT 1 / :zero AS x", zero=0)

    before = backend(database)
    with pytest.raises(StatementFailed, match="22012"):
        database.together(act)
    assert sql.run("SELECT count(*) FROM users") == [[1]]
    assert backend(database) == before


def test_statements_run_together_are_undone_when_their_caller_changes_its_mind(
    database: Database, user_id: str, sql: Any
) -> None:
    def act() -> None:
        database.run("INSERT INTO users VALUES (gen_random_uuid(), 'another', now())")
        raise LookupError("not this one")

    with pytest.raises(LookupError):
        database.together(act)
    assert sql.run("SELECT count(*) FROM users") == [[1]]


def test_statements_run_together_are_run_again_from_the_first_when_the_connection_is_lost(
    database: Database, user_id: str, sql: Any
) -> None:
    lost: list[int] = []

    def act() -> int:
        database.run("INSERT INTO users VALUES (gen_random_uuid(), 'another', now())")
        if not lost:
            lost.append(backend(database))
            sql.run("SELECT pg_terminate_backend(:pid)", pid=lost[0])
        return backend(database)

    assert database.together(act) not in lost
    assert sql.run("SELECT count(*) FROM users") == [[2]]

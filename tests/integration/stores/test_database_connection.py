"""Statements whose connection, plan or time limit is lost."""

from contextlib import closing
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from pg8000.exceptions import DatabaseError

from integration.conftest import Logged
from integration.databases import APPLICATION
from integration.stores.refusing import refusing_server
from integration.waiting import eventually
from integration.wire import at_port, closed_port, silent_server
from mediagen.aws.errors import AwsError
from mediagen.errors.refusals import Unavailable
from mediagen.records.database import STATEMENT_SECONDS, Database, StatementFailed, connect


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
    with pytest.raises(StatementFailed, match=r"^22012 data_exception$"):
        database.run("SELECT 1 / :zero AS x", zero=0)
    assert backend(database) == before


def test_the_server_limits_every_session_of_a_function(database: Database) -> None:
    assert database.run("SHOW statement_timeout") == [{"statement_timeout": f"{STATEMENT_SECONDS}s"}]
    idle = "idle_in_transaction_session_timeout"
    assert database.run(f"SHOW {idle}") == [{idle: "10s"}]


def test_a_connection_asks_for_nothing_that_rds_proxy_does_not_know(instance_url: str) -> None:
    """RDS Proxy refuses other start-up parameters: https://github.com/n8n-io/n8n/pull/27295."""
    with refusing_server("28000", "not you") as refusing:
        with pytest.raises(DatabaseError):
            connect(at_port(instance_url, refusing.port))
        assert refusing.parameters == {"user", "database"}


def test_a_transaction_that_a_frozen_container_left_open_is_ended_and_its_next_statement_sent_again(
    database: Database, sql: Any
) -> None:
    database.run("SET idle_in_transaction_session_timeout = 50")
    before = backend(database)
    database.run("BEGIN")
    eventually(lambda: not sql.run("SELECT 1 FROM pg_stat_activity WHERE pid = :pid", pid=before), "the end")
    assert backend(database) != before


def test_a_start_up_parameter_that_a_proxy_refuses_is_our_mistake_and_not_an_outage(instance_url: str) -> None:
    told = "Feature not supported: RDS Proxy currently doesn't support the option statement_timeout."
    with refusing_server("0A000", told) as refusing:
        with pytest.raises(StatementFailed) as caught:
            Database(lambda: at_port(instance_url, refusing.port)).run("SELECT 1")
        assert (caught.value.state, refusing.connections) == ("0A000", 1)


def test_why_a_login_was_refused_is_logged_without_its_words(instance_url: str, logged: Logged) -> None:
    with refusing_server("28000", "the token of vsl_app is over") as refusing, pytest.raises(Unavailable):
        Database(lambda: at_port(instance_url, refusing.port)).run("SELECT 1")
    [line] = logged()
    assert (line["action"], line["level"]) == ("database.unavailable", "ERROR")
    assert line["error"] == "DatabaseError: 28000 invalid_authorization_specification"
    assert line["metadata"] == {"sqlstate": "28000", "condition": "invalid_authorization_specification"}


def test_a_server_that_cannot_be_reached_is_logged_by_the_kind_of_error(instance_url: str, logged: Logged) -> None:
    with pytest.raises(Unavailable):
        Database(lambda: at_port(instance_url, closed_port())).run("SELECT 1")
    assert [(line["error"], line["metadata"]) for line in logged()] == [("ConnectionRefusedError: ECONNREFUSED", {})]


def test_a_statement_over_its_time_limit_is_not_repeated(database: Database, sql: Any) -> None:
    sql.run(f"CREATE SEQUENCE attempts; GRANT USAGE ON SEQUENCE attempts TO {APPLICATION}")
    try:
        database.run("SET statement_timeout = 50")
        with pytest.raises(Unavailable):
            database.run("SELECT nextval('attempts'), pg_sleep(60)")
        assert sql.run("SELECT last_value FROM attempts") == [[1]]
    finally:
        sql.run("DROP SEQUENCE attempts")


def test_a_server_that_is_down_is_unavailable_for_now(instance_url: str) -> None:
    database = Database(lambda: at_port(instance_url, closed_port()))
    with pytest.raises(Unavailable) as caught:
        database.run("SELECT 1")
    assert caught.value.retry_after_seconds == 5


def test_a_database_whose_url_cannot_be_read_is_unavailable_for_now() -> None:
    def url() -> str:
        raise AwsError("ThrottlingException", 400, "slower")

    with pytest.raises(Unavailable):
        Database(url).run("SELECT 1")


def test_a_server_that_never_answers_is_asked_once(instance_url: str) -> None:
    """A second attempt would exceed the time of `authorize`."""
    with silent_server() as silent:
        with pytest.raises(Unavailable):
            Database(lambda: at_port(instance_url, silent.port), silence_seconds=1).run("SELECT 1")
        assert silent.connections == 1


def test_an_abandoned_statement_is_not_repeated_and_the_server_cancels_it(database_url: str, sql: Any) -> None:
    """`authorize` has less time than the server's limit: its abandoned statement ends by itself."""
    impatient = Database(lambda: database_url, silence_seconds=1)
    running = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%left behind%' AND pid <> pg_backend_pid()"
    with pytest.raises(Unavailable):
        impatient.run("SELECT pg_sleep(60) /* left behind */")
    [[pid]] = sql.run(running)
    eventually(lambda: not sql.run(f"{running} AND pid = :pid", pid=pid), "its end", seconds=STATEMENT_SECONDS + 5)


def test_a_wrong_password_is_unavailable_until_the_operator_mends_it(instance_url: str) -> None:
    parts = urlsplit(instance_url)
    wrong = parts._replace(netloc=parts.netloc.replace(parts.password or "", "wrong")).geturl()
    with pytest.raises(Unavailable):
        Database(lambda: wrong).run("SELECT 1")


def test_a_new_password_is_asked_for_with_the_next_connection(instance_url: str) -> None:
    parts = urlsplit(instance_url)
    urls = [parts._replace(netloc=parts.netloc.replace(parts.password or "", "old")).geturl(), instance_url]
    database = Database(lambda: urls.pop(0))
    assert database.run("SELECT 1 AS one") == [{"one": 1}]
    database.close()


def test_a_database_comes_back_by_itself(instance_url: str) -> None:
    urls = [at_port(instance_url, closed_port())] * 2 + [instance_url]
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


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize(
    "text", ["2026-12-01 04:01:10.123456+00", "2026-12-01 04:01:10+00", "0001-01-02 00:00:00.1+00"]
)
def test_a_timestamp_is_read_in_any_time_zone(instance_url: str, text: str, zone: str) -> None:
    with closing(connect(instance_url)) as connection:
        connection.run(f"SET TIME ZONE '{zone}'")
        [[read]] = connection.run("SELECT CAST(CAST(:text AS text) AS timestamptz)", text=text)
        assert (read, read.utcoffset() is not None) == (datetime.fromisoformat(text), True)


def test_a_timestamp_that_python_does_not_have_is_read_as_text(instance_url: str) -> None:
    with closing(connect(instance_url)) as connection:
        read = connection.run("SELECT CAST('-infinity' AS timestamptz), CAST('10000-01-01 00:00:00+00' AS timestamptz)")
    assert read == [["-infinity", "10000-01-01 00:00:00+00"]]

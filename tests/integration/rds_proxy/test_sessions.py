"""Sessions at a double of RDS Proxy: shared connections, pinned ones, and no free one."""

import time
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError

from integration.rds_proxy.conftest import ROLE, Clients, Start
from integration.waiting import eventually

PID = "SELECT pg_backend_pid()"
GONE = (DatabaseError, InterfaceError, OSError)


def state(caught: Any) -> str:
    return str(caught.value.args[0]["C"])


def test_many_clients_share_few_connections(start: Start, client: Clients) -> None:
    endpoint = start(most_connections=2)
    clients = [client(endpoint) for _ in range(10)]
    used = {each.run(PID)[0][0] for each in clients for _ in range(3)}
    assert len(used) <= 2
    assert endpoint.report.pinned_now == 0


def test_a_transaction_keeps_its_connection_and_a_session_does_not(start: Start, client: Clients) -> None:
    endpoint = start(most_connections=2)
    first, _ = client(endpoint), client(endpoint)
    assert first.run(PID) != first.run(PID)
    first.run("BEGIN")
    assert first.run(PID) == first.run(PID)
    first.run("COMMIT")


def test_state_that_the_proxy_does_not_notice_is_left_to_the_next_session(
    start: Start, client: Clients, admin: Any
) -> None:
    admin.run(
        "CREATE OR REPLACE FUNCTION leave_state() RETURNS text LANGUAGE sql AS "
        "$$ SELECT set_config('application_name', 'left behind', false) $$"
    )
    endpoint = start(most_connections=1)
    client(endpoint).run("SELECT leave_state()")
    assert client(endpoint).run("SHOW application_name") == [["left behind"]]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SET search_path = public", "session settings"),
        ("SET LOCAL work_mem = '64kB'", "session settings"),
        ("SELECT set_config('work_mem', '64kB', true)", "session settings"),
        ("RESET work_mem", "session settings"),
        ("PREPARE one AS SELECT 1", "prepared statements in SQL"),
        ("CREATE TEMPORARY TABLE passing (a int)", "temporary objects"),
        ("LISTEN news", "notifications"),
        ("SELECT pg_advisory_lock(1)", "advisory locks"),
        ("SELECT pg_try_advisory_lock_shared(1)", "advisory locks"),
        (f"SELECT 1 /* {'x' * 16_400} */", "large statements"),
        ("SELECT 1; /* and */ SET work_mem = '64kB'", "session settings"),
    ],
)
def test_what_the_documentation_names_pins_a_session_until_it_ends(
    start: Start, client: Clients, sql: str, reason: str
) -> None:
    endpoint = start(most_connections=2)
    pinned, other = client(endpoint), client(endpoint)
    pinned.run(sql)
    assert (endpoint.report.pinned, endpoint.report.pinned_now) == ({reason: 1}, 1)
    own = pinned.run(PID)
    assert [pinned.run(PID) for _ in range(3)] == [own] * 3
    assert own not in [other.run(PID) for _ in range(3)]
    pinned.close()
    eventually(lambda: endpoint.report.pinned_now == 0, "the end of the session")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'SET work_mem', 1 -- ; SET work_mem = 1",
        "SELECT pg_advisory_xact_lock(1)",
        "WITH settings AS (SELECT 1 AS set) SELECT * FROM settings",
    ],
)
def test_lookalike_statements_do_not_pin(start: Start, client: Clients, sql: str) -> None:
    endpoint = start()
    client(endpoint).run(sql)
    assert endpoint.report.pinned == {}


def test_a_named_statement_of_the_protocol_pins_and_the_next_session_does_not_know_it(
    start: Start, client: Clients
) -> None:
    endpoint = start(most_connections=1)
    first = client(endpoint)
    assert first.prepare("SELECT CAST(:a AS integer) + 1").run(a=1) == [[2]]
    assert endpoint.report.pinned == {"named prepared statements": 1}
    first.close()
    assert client(endpoint).run("SELECT count(*) FROM pg_prepared_statements") == [[0]]


def test_unnamed_statements_do_not_pin_and_are_gone_after_their_cycle(start: Start, client: Clients) -> None:
    """pg8000 parses a statement in one cycle and executes it in the next, which needs the same connection."""
    endpoint = start(most_connections=2)
    first, _ = client(endpoint), client(endpoint)
    with pytest.raises(DatabaseError) as caught:
        first.run("SELECT CAST(:a AS integer)", a=1)
    assert state(caught) == "26000"
    first.run("BEGIN")
    assert first.run("SELECT CAST(:a AS integer)", a=1) == [[1]]
    assert endpoint.report.pinned == {}


def test_a_client_without_a_connection_in_time_is_refused(start: Start, client: Clients) -> None:
    endpoint = start(most_connections=1, borrow_seconds=0.2)
    waiting = client(endpoint)
    holding = client(endpoint)
    holding.run("BEGIN")
    started = time.monotonic()
    with pytest.raises(GONE):  # pg8000 reads on after a fatal error and finds the connection closed
        waiting.run("SELECT 1")
    assert endpoint.report.refused == {"08000": 1}
    assert 0.2 <= time.monotonic() - started < 5


def test_a_waiting_client_gets_the_released_connection(start: Start, client: Clients) -> None:
    endpoint = start(most_connections=1, borrow_seconds=5)
    first, second = client(endpoint), client(endpoint)
    for _ in range(3):
        assert first.run(PID) == second.run(PID)


def test_a_client_that_leaves_within_a_transaction_leaves_nothing_open(
    start: Start, client: Clients, admin: Any
) -> None:
    endpoint = start(most_connections=1)
    leaving = client(endpoint)
    leaving.run("BEGIN")
    open_one = f"SELECT 1 FROM pg_stat_activity WHERE usename = '{ROLE}' AND state = 'idle in transaction'"
    assert admin.run(open_one)
    leaving.close()
    eventually(lambda: not admin.run(open_one), "the end of the transaction")
    assert client(endpoint).run("SELECT 1") == [[1]]


def test_a_session_whose_connection_the_instance_ends_ends_too_and_others_do_not_notice(
    start: Start, client: Clients, admin: Any
) -> None:
    endpoint = start(most_connections=1)
    first, second = client(endpoint), client(endpoint)
    first.run("SET work_mem = '64kB'")
    admin.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'")
    with pytest.raises(GONE):
        first.run("SELECT 1")
    assert second.run("SELECT 1") == [[1]]


def test_an_idle_client_is_closed(start: Start, client: Clients) -> None:
    endpoint = start(idle_seconds=0.1)
    idle = client(endpoint)
    eventually(lambda: endpoint.report.clients == 0, "the end")
    with pytest.raises(GONE):
        idle.run("SELECT 1")


def test_more_clients_than_there_may_be_are_refused(start: Start, client: Clients) -> None:
    endpoint = start(most_clients=1)
    client(endpoint)
    with pytest.raises(DatabaseError) as caught:
        client(endpoint)
    assert state(caught) == "53300"

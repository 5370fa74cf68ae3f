"""Classes of PostgreSQL errors, by SQLSTATE."""

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError

from mediagen.errors import sqlstate

PROXY = "Feature not supported: RDS Proxy currently doesn't support the option statement_timeout."
CHANGED = "cached plan must not change result type"


def error(state: str, message: str = "", **fields: str) -> DatabaseError:
    return DatabaseError({"S": "ERROR", "C": state, "M": message} | fields)


@pytest.mark.parametrize(
    ("state", "message"), [("0A000", PROXY), ("22012", ""), ("23505", ""), ("42501", ""), ("25001", "")]
)
def test_what_no_later_attempt_makes_right_is_our_mistake(state: str, message: str) -> None:
    assert sqlstate.is_our_mistake(error(state, message))


@pytest.mark.parametrize(
    ("state", "message"),
    [("0A000", CHANGED), ("28P01", ""), ("26000", ""), ("25006", ""), ("25P03", ""), ("57P01", "")],
)
def test_what_a_later_attempt_can_make_right_is_not(state: str, message: str) -> None:
    assert not sqlstate.is_our_mistake(error(state, message))


@pytest.mark.parametrize("silent", [InterfaceError("network error"), ConnectionResetError(), DatabaseError()])
def test_an_error_that_the_server_said_nothing_of_is_not_our_mistake(silent: Exception) -> None:
    assert not sqlstate.is_our_mistake(silent)
    assert sqlstate.fields(silent) == {}


def test_a_time_out_is_seen_through_the_driver() -> None:
    wrapped = InterfaceError("network error")
    wrapped.__cause__ = TimeoutError()
    assert sqlstate.is_out_of_time(wrapped)
    assert sqlstate.is_out_of_time(TimeoutError())
    assert sqlstate.is_out_of_time(error("57014"))
    assert not sqlstate.is_out_of_time(error("57P01"))


def test_only_codes_and_their_names_are_logged() -> None:
    row = error("23514", "new row violates check", D="Failing row contains (a prompt).", H="a hint", W="a place")
    assert sqlstate.fields(row) == {"sqlstate": "23514", "condition": "integrity_constraint_violation"}
    assert sqlstate.fields(error("72000")) == {"sqlstate": "72000", "condition": "unknown"}

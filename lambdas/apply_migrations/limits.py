"""Session limits on the server, because RDS Proxy refuses them as start-up parameters (ADR 29)."""

from apply_migrations.flow import Connection, one_at_a_time
from mediagen import log
from mediagen.errors.sqlstate import of
from mediagen.errors.text import SafeMessage
from mediagen.records.database import STATEMENT_SECONDS

LIMITS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    # A frozen container would hold its locks until TCP detects it, after two hours. Between the statements of a
    # transaction our code computes for milliseconds.
    "idle_in_transaction_session_timeout": "10s",
}
_FOUND = """
SELECT COALESCE(setconfig, '{}') FROM pg_database LEFT JOIN pg_db_role_setting ON setdatabase = oid AND setrole = 0
WHERE datname = current_database()
"""
_NOT_THE_OWNER = "42501"


class LimitsRefused(SafeMessage, Exception):
    """The database has no session limits, and its migrating user may not set them."""


def limit_sessions(connection: Connection) -> None:
    """Set the limits of all future sessions. The migrations' own session has other limits.

    They are set on the database and not on the roles, because no role may alter `vsl_app` on RDS (ADR 11). Raises
    LimitsRefused.
    """
    with one_at_a_time(connection):
        [[found]] = connection.run(_FOUND)
        missing = {name: value for name, value in LIMITS.items() if f"{name}={value}" not in found}
        for name, value in missing.items():
            _set(connection, name, value)
    if missing:
        log.event("session_limits.set", metadata=missing)


def _set(connection: Connection, name: str, value: str) -> None:
    from pg8000.exceptions import DatabaseError

    [[database]] = connection.run("SELECT quote_ident(current_database())")
    statement = f"ALTER DATABASE {database} SET {name} = '{value}'"
    try:
        connection.run(statement)
    except DatabaseError as error:
        if of(error) != _NOT_THE_OWNER:
            raise
        told = f"the migrating user does not own this database: let its owner or an administrator run `{statement}`"
        raise LimitsRefused(told) from None

"""Errors of PostgreSQL by SQLSTATE: whether a retry can help, and which of their fields are safe to log.

Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from collections.abc import Mapping

CLASSES: Mapping[str, str] = {
    "08": "connection_exception",
    "0A": "feature_not_supported",
    "22": "data_exception",
    "23": "integrity_constraint_violation",
    "25": "invalid_transaction_state",
    "26": "invalid_sql_statement_name",
    "28": "invalid_authorization_specification",
    "3D": "invalid_catalog_name",
    "40": "transaction_rollback",
    "42": "syntax_error_or_access_rule_violation",
    "53": "insufficient_resources",
    "55": "object_not_in_prerequisite_state",
    "57": "operator_intervention",
    "58": "system_error",
    "XX": "internal_error",
}
# Classes of temporary errors. 28 is one because a password may just have changed, or a token expired.
_UNAVAILABLE_CLASSES = {"08", "28", "40", "53", "57", "58", "XX"}
_UNAVAILABLE_STATES = {
    "26000",  # unknown prepared statement: a proxy moved this client to another connection
    "25006",  # read-only: the connection still leads to the old primary after a failover
    "25P03",  # idle in a transaction for too long: this container was frozen in between
}
_FEATURE_NOT_SUPPORTED = "0A000"
_CHANGED_PLAN = "cached plan must not change result type"  # a migration changed the columns
_QUERY_CANCELED = "57014"


def of(error: BaseException) -> str:
    """Return the SQLSTATE of an error, or an empty string if the server sent none."""
    return _field(error, "C")


def message(error: BaseException) -> str:
    """Return the server's message, which may quote values."""
    return _field(error, "M")


def is_our_mistake(error: BaseException) -> bool:
    """Return whether PostgreSQL, or the proxy in front of it, refused something that no retry can fix."""
    state = of(error)
    if state == _FEATURE_NOT_SUPPORTED:
        return message(error) != _CHANGED_PLAN  # RDS Proxy answers a start-up parameter with 0A000, for example
    return bool(state) and state[:2] not in _UNAVAILABLE_CLASSES and state not in _UNAVAILABLE_STATES


def is_out_of_time(error: BaseException) -> bool:
    """Return whether the statement timed out, so no time is left for another attempt."""
    return of(error) == _QUERY_CANCELED or any(isinstance(each, TimeoutError) for each in (error, error.__cause__))


def fields(error: BaseException) -> dict[str, str]:
    """Return the fields of an error that are safe to log: SQLSTATE, its class, and names in the schema."""
    state = of(error)
    if not state:
        return {}
    named = {"table": _field(error, "t"), "column": _field(error, "c"), "constraint": _field(error, "n")}
    return {"sqlstate": state, "condition": CLASSES.get(state[:2], "unknown")} | {
        name: value for name, value in named.items() if value
    }


def _field(error: BaseException, name: str) -> str:
    """Read one field of an ErrorResponse: https://www.postgresql.org/docs/current/protocol-error-fields.html"""
    details = error.args[0] if error.args else None
    return str(details.get(name, "")) if isinstance(details, dict) else ""

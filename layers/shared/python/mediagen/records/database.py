"""PostgreSQL, the truth: one connection per container, prepared statements, verified TLS, a deadline on every step.

How the URL says where it is and as whom to log in: `mediagen.records.database_url`.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws, aws
from mediagen.records.database_url import read_url
from mediagen.refusals import Unavailable
from mediagen.tls import tls_context

if TYPE_CHECKING:
    from pg8000.native import Connection, PreparedStatement

type Row = dict[str, Any]

CONNECT_SECONDS = 3  # the instance is in the same network; a fail-over is not waited for, the caller retries
STATEMENT_SECONDS = 5  # every statement here touches rows by key; longer means a lock somebody forgot
# SQLSTATE classes that say "not now" rather than "you are wrong": connection, authorization (a password that was just
# changed, a token that has ended), rollback, resources, operator, system.
_AWAY_CLASSES = {"08", "28", "40", "53", "57", "58", "XX"}
_AWAY_STATES = {
    "26000",  # prepared statement unknown: a proxy moved us to another connection
    "0A000",  # cached plan must not change result type: a migration changed the columns
    "25006",  # read-only: we still hold the old primary after a fail-over
}
_OUT_OF_TIME = "57014"


class StatementFailed(Exception):
    """PostgreSQL refused a statement: our mistake. Without its details, which hold the values of a row."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(f"{state} {message}")
        self.state = state


class Database:
    """Runs single statements; each is a transaction of its own, unless they are run `together`.

    Every statement given to `run` must be safe to repeat (guarded by a status, or `ON CONFLICT`), because one whose
    answer was lost with its connection is sent once more.
    """

    def __init__(
        self, url: Callable[[], str], signer: Callable[[], Aws] = aws, *, statement_seconds: int | None = None
    ) -> None:
        self._url = url
        self._signer = signer
        self._limits = {"statement_seconds": statement_seconds} if statement_seconds else {}
        self._connection: Connection | None = None
        self._prepared: dict[str, PreparedStatement] = {}
        self._is_together = False

    def run(self, sql: str, **parameters: object) -> list[Row]:
        """Run one statement with `:name` parameters; rows are dicts by column. Raises Unavailable, StatementFailed."""
        if self._is_together:
            return self._run(sql, parameters)
        return self._repeated(lambda: self._run(sql, parameters))

    def together[T](self, act: Callable[[], T]) -> T:
        """Let the statements that `act` runs be one transaction: all of them count, or none, as when `act` raises.

        Where the connection is lost, `act` is done once more from its start. Raises Unavailable, StatementFailed.
        """
        return self._repeated(lambda: self._together(act))

    def _repeated[T](self, act: Callable[[], T]) -> T:
        from pg8000.exceptions import Error  # 57 ms, not on every path

        for attempts_left in (1, 0):
            try:
                return act()
            except (Error, OSError) as error:
                state = _sqlstate(error)
                if state and state[:2] not in _AWAY_CLASSES and state not in _AWAY_STATES:
                    raise StatementFailed(state, _message(error)) from error
                self.close()
                if not attempts_left or state == _OUT_OF_TIME or isinstance(error, TimeoutError):
                    raise Unavailable("The database cannot be reached.", retry_after_seconds=5) from error
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Drop the connection; the next statement opens a new one."""
        from pg8000.exceptions import Error

        connection, self._connection = self._connection, None
        self._prepared.clear()
        if connection is not None:
            with suppress(Error, OSError):  # it may be broken already; nothing is lost with it
                connection.close()

    def _connect(self) -> "Connection":
        try:
            return connect(self._url(), self._signer, **self._limits)
        except AwsError as error:
            raise Unavailable("The database cannot be reached.", retry_after_seconds=5) from error

    def _together[T](self, act: Callable[[], T]) -> T:
        from pg8000.exceptions import Error

        self._run("BEGIN", {})
        self._is_together = True
        try:
            result = act()
            self._run("COMMIT", {})
        except BaseException:
            with suppress(Error, OSError):  # a lost connection has rolled back by itself
                self._run("ROLLBACK", {})
            raise
        finally:
            self._is_together = False
        return result

    def _run(self, sql: str, parameters: dict[str, object]) -> list[Row]:
        if self._connection is None:
            self._connection = self._connect()
        statement = self._prepared.get(sql)
        if statement is None:
            statement = self._prepared[sql] = self._connection.prepare(sql)
        rows = statement.run(**parameters)
        names = [column["name"] for column in statement.columns or ()]
        return [dict(zip(names, row, strict=True)) for row in rows or ()]


def connect(url: str, signer: Callable[[], Aws] = aws, *, statement_seconds: int = STATEMENT_SECONDS) -> "Connection":
    """Open a connection to a URL as `mediagen.records.database_url` describes it.

    Raises UrlRefused, LoginUnreadable, AwsError (nothing to sign with, no such secret), InterfaceError, DatabaseError,
    OSError.
    """
    from pg8000.native import Connection

    target = read_url(url)
    user, password = target.login(signer)
    context = tls_context(target.roots) if target.over_tls else False  # made before the time to connect begins
    channel = socket.create_connection((target.host, target.port), CONNECT_SECONDS)
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # over TLS: 50 ms to connect without, 8 with
    channel.settimeout(statement_seconds + 1)  # the server gives up first and says why
    return Connection(
        user=user,
        password=password,
        host=target.host,
        database=target.name,
        sock=channel,
        ssl_context=context,
        startup_params={"statement_timeout": str(statement_seconds * 1000)},
    )


def _sqlstate(error: Exception) -> str:
    return _told(error, "C")


def _message(error: Exception) -> str:
    return _told(error, "M")


def _told(error: Exception, field: str) -> str:
    """Read one field of PostgreSQL's ErrorResponse: https://www.postgresql.org/docs/current/protocol-error-fields.html"""
    details = error.args[0] if error.args else None
    return str(details.get(field, "")) if isinstance(details, dict) else ""

"""PostgreSQL, the source of truth: one connection per container, prepared statements, verified TLS, deadlines.

`mediagen.records.database_url` describes the form of the URL.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mediagen import log
from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws, aws
from mediagen.errors import sqlstate
from mediagen.errors.refusals import Unavailable
from mediagen.errors.text import SafeMessage, describe_with_causes
from mediagen.records.database_url import read_url
from mediagen.tls import tls_context

if TYPE_CHECKING:
    from pg8000.native import Connection, PreparedStatement

type Row = dict[str, Any]

TIMESTAMPTZ = (
    1184  # the oid of the type: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
)
CONNECT_SECONDS = 3  # the instance is in the same network; the caller retries during a failover
STATEMENT_SECONDS = 5  # the server's limit for functions, set by apply_migrations; a longer wait means a forgotten lock
SILENCE_SECONDS = STATEMENT_SECONDS + 1  # the server times out first and reports why


class StatementFailed(SafeMessage, Exception):
    """PostgreSQL, or the proxy in front of it, refused a statement or a connection: a fault of this service.

    It has the codes and the names in the schema, without the server's message, which quotes the values of a row.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(" ".join(sqlstate.fields(error).values()))
        self.state = sqlstate.of(error)


class Database:
    """Run single statements, each in a transaction of its own unless they are run `together`.

    Every statement given to `run` must be safe to repeat (guarded by a status, or `ON CONFLICT`), because a statement
    whose answer was lost with its connection is sent once more. Threads may share a Database; it runs their statements
    one at a time.
    """

    def __init__(
        self, url: Callable[[], str], signer: Callable[[], Aws] = aws, *, silence_seconds: int = SILENCE_SECONDS
    ) -> None:
        self._url = url
        self._signer = signer
        self._silence_seconds = silence_seconds
        self._connection: Connection | None = None
        self._prepared: dict[str, PreparedStatement] = {}
        self._is_together = False
        self._lock = threading.RLock()

    def run(self, sql: str, **parameters: object) -> list[Row]:
        """Run one statement with `:name` parameters. Rows are dicts by column. Raises Unavailable, StatementFailed."""
        with self._lock:
            if self._is_together:
                return self._run(sql, parameters)
            return self._repeated(lambda: self._run(sql, parameters))

    def together[T](self, act: Callable[[], T]) -> T:
        """Run the statements of `act` in one transaction, which is rolled back if `act` raises.

        If the connection is lost, `act` runs once more from its start. Raises Unavailable, StatementFailed.
        """
        with self._lock:
            return self._repeated(lambda: self._together(act))

    def _repeated[T](self, act: Callable[[], T]) -> T:
        from pg8000.exceptions import Error  # 57 ms, and not every path needs it

        for attempts_left in (1, 0):
            try:
                return act()
            except (Error, OSError) as error:
                if sqlstate.is_our_mistake(error):
                    raise StatementFailed(error) from error
                self.close()
                if not attempts_left or sqlstate.is_out_of_time(error):
                    raise _unavailable(error) from error
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """Close the connection. The next statement opens a new one."""
        from pg8000.exceptions import Error

        connection, self._connection = self._connection, None
        self._prepared.clear()
        if connection is not None:
            with suppress(Error, OSError):  # the connection may already be broken
                connection.close()

    def _connect(self) -> "Connection":
        try:
            return connect(self._url(), self._signer, silence_seconds=self._silence_seconds)
        except AwsError as error:
            raise _unavailable(error) from error

    def _together[T](self, act: Callable[[], T]) -> T:
        from pg8000.exceptions import Error

        self._run("BEGIN", {})
        self._is_together = True
        try:
            result = act()
            self._run("COMMIT", {})
        except BaseException:
            with suppress(Error, OSError):  # a lost connection is rolled back by the server
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


def connect(
    url: str,
    signer: Callable[[], Aws] = aws,
    *,
    silence_seconds: int = SILENCE_SECONDS,
    statement_seconds: int | None = None,
) -> "Connection":
    """Open a connection to a URL as `mediagen.records.database_url` describes it.

    Functions keep the server's limits (ADR 29). `statement_seconds` replaces them for this session, which RDS Proxy
    would pin. Raises UrlRefused, LoginUnreadable, AwsError (nothing to sign with, no such secret), InterfaceError,
    DatabaseError, OSError.
    """
    from pg8000.native import Connection

    target = read_url(url)
    user, password = target.login(signer)
    context = tls_context(target.roots) if target.over_tls else False  # made before the time to connect begins
    channel = socket.create_connection((target.host, target.port), CONNECT_SECONDS)
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # over TLS: 50 ms to connect without, 8 with
    channel.settimeout(statement_seconds + 1 if statement_seconds else silence_seconds)
    connection = Connection(
        user=user,
        password=password,
        host=target.host,
        database=target.name,
        sock=channel,
        ssl_context=context,
        # No start-up parameters: RDS Proxy refuses those it does not know, statement_timeout among them (0A000).
    )
    connection.register_in_adapter(TIMESTAMPTZ, read_timestamp)
    if statement_seconds:
        _limit(connection, statement_seconds)
    return connection


def read_timestamp(text: str) -> datetime | str:
    """Read a timestamp with time zone. pg8000 takes 38 µs instead of 0.7, and finishing a job reads 13."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # infinity, or a year that Python does not have
        return text


def _limit(connection: "Connection", seconds: int) -> None:
    names = ("statement_timeout", "idle_in_transaction_session_timeout")
    connection.run("; ".join(f"SET {name} = '{seconds}s'" for name in names))


def _unavailable(error: Exception) -> Unavailable:
    """Log why PostgreSQL is unavailable. The caller is not told the reason."""
    log.event("database.unavailable", level="ERROR", error=describe_with_causes(error), metadata=sqlstate.fields(error))
    return Unavailable("The database cannot be reached.", retry_after_seconds=5)

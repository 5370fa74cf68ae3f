"""Connections to Redis whose questions end in time, however it is spent: connecting, sending, an answer that comes drop
by drop, a second try. redis-py by itself bounds each step, and there may be many."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from redis.connection import Connection, SSLConnection

OPENING_CALLS = 3  # over TLS, opening is 50 to 100 ms of a small function's own work, once in a container's life


class Patience:
    """The time budget of one command. Opening a connection first triples it."""

    def __init__(self, seconds: float) -> None:
        now = time.monotonic()
        self._seconds, self._ends, self._latest = seconds, now + seconds, now + OPENING_CALLS * seconds

    def opening(self) -> None:
        """Start the budget for a new connection."""
        self._ends = self._latest

    def opened(self) -> None:
        """Start the budget of a command."""
        self._ends = min(time.monotonic() + self._seconds, self._latest)

    def left(self) -> float:
        """Return the seconds left for the next step. Raises TimeoutError if none are left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this question is over")
        return min(left, self._seconds)


_PATIENCE: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Bound all steps of the command in the block together."""
    token = _PATIENCE.set(Patience(seconds))
    try:
        yield
    finally:
        _PATIENCE.reset(token)


class _Socket:
    """A socket whose waits end with the command's budget."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._seconds: float | None = inner.gettimeout()

    def settimeout(self, seconds: float | None) -> None:
        """Set the timeout used outside of a command; 0: never."""
        self._seconds = seconds

    def recv(self, size: int) -> bytes:
        """Receive available bytes."""
        self._inner.settimeout(self._left())
        return cast(bytes, self._inner.recv(size))

    def sendall(self, data: bytes) -> None:
        """Send all; the time-out is that of the whole (https://docs.python.org/3/library/socket.html)."""
        self._inner.settimeout(self._left())
        self._inner.sendall(data)

    def _left(self) -> float | None:
        given = _PATIENCE.get()
        return self._seconds if given is None or self._seconds == 0 else given.left()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Bounded:
    """The part of a connection that opens it."""

    socket_connect_timeout: Any
    socket_timeout: Any

    def _connect(self) -> _Socket:
        given = _PATIENCE.get()
        if given:
            given.opening()
            self.socket_connect_timeout = self.socket_timeout = given.left()  # the second is for TLS
        opened = super()._connect()  # type: ignore[misc]
        if given:
            given.opened()
        return _Socket(opened)


class BoundedConnection(_Bounded, Connection):
    """A connection without TLS."""


def over_tls(context: ssl.SSLContext) -> type[SSLConnection]:
    """Return a connection class that uses an existing TLS context.

    redis-py would build a context for each connection, within the time for connecting.
    """

    class BoundedTlsConnection(_Bounded, SSLConnection):
        def _wrap_socket_with_ssl(self, sock: socket.socket) -> ssl.SSLSocket:
            return context.wrap_socket(sock, server_hostname=self.host)

    return BoundedTlsConnection

"""One request to a checked destination: only to its addresses, and bounded in time whatever the server does."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Timer

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection

from mediagen.errors.text import SafeMessage, describe
from mediagen.outbound.addresses import Destination, Origin
from mediagen.tls import tls_context

CONNECT_SECONDS = 5.0  # three round trips across the world take less than 1 s
_MAX_ADDRESSES = 3  # a name with IPv6 and IPv4 where only one of them has a route

type SecondsLeft = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request. The Host header is the destination's."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None = None


class CannotConnect(SafeMessage, OSError):
    """No address accepts a connection."""


@contextmanager
def exchange(
    outgoing: Outgoing,
    destination: Destination,
    *,
    tls: ssl.SSLContext | None,
    seconds_left: SecondsLeft,
    read_seconds: float,
) -> Iterator[BaseHTTPResponse]:
    """Send a request without following redirects. TimeoutError at the deadline; `read_seconds` bounds a silence.

    Raises CannotConnect, ssl.SSLError, other OSErrors, and those of http.client and urllib3.
    """
    with closing(_connect(destination, seconds_left)) as channel, _cut_in_time(channel, seconds_left) as cut:
        connection = HTTPConnection(destination.origin.host, destination.origin.port, timeout=read_seconds)
        connection.sock = _secured(channel, destination.origin, tls)
        try:
            connection.request(
                outgoing.method,
                destination.target,
                body=outgoing.body,
                headers={"Host": destination.origin.host_header, **outgoing.headers},
                preload_content=False,
                decode_content=False,
            )
            with closing(connection.getresponse()) as response:
                yield response
        finally:
            connection.close()
        if cut.is_set():  # a body without a length ends like a whole one when it is cut
            raise TimeoutError("the time for this request is over")


def _connect(destination: Destination, seconds_left: SecondsLeft) -> socket.socket:
    error = CannotConnect("the host has no address")
    for address in destination.addresses[:_MAX_ADDRESSES]:
        seconds = min(CONNECT_SECONDS, _positive(seconds_left()))
        try:
            channel = socket.create_connection((address, destination.origin.port), seconds)
        except OSError as unreachable:
            error = CannotConnect(describe(unreachable))
        else:
            channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return channel
    raise error


def _secured(channel: socket.socket, origin: Origin, tls: ssl.SSLContext | None) -> socket.socket:
    """Use TLS if the origin does. The certificate must match the host name, although the connection uses an address."""
    if origin.scheme == "http":
        return channel
    return (tls or tls_context()).wrap_socket(channel, server_hostname=origin.host)


@contextmanager
def _cut_in_time(channel: socket.socket, seconds_left: SecondsLeft) -> Iterator[Event]:
    """Shut the connection down from another thread at the deadline.

    A socket's timeout starts anew with every byte, so it does not bound a slow drip, not even in the TLS handshake.
    """
    cut = Event()
    with channel.dup() as same:  # TLS takes `channel` over; a shutdown through it would drop the state under a reader
        watchdog = Timer(_positive(seconds_left()), _cut, (same, cut))
        watchdog.daemon = True
        watchdog.start()
        try:
            yield cut
        finally:
            watchdog.cancel()


def _cut(channel: socket.socket, cut: Event) -> None:
    cut.set()
    with suppress(OSError):  # the server was faster
        channel.shutdown(socket.SHUT_RDWR)


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise TimeoutError("the time for this request is over")
    return seconds

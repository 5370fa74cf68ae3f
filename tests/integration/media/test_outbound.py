"""One request to a checked destination: its bytes, its time limits, and no open connection afterwards."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from urllib3.exceptions import ReadTimeoutError

from integration.media.certificates import authority
from integration.media.file_host import FileHost, body, file_host
from integration.waiting import eventually
from mediagen.outbound.addresses import Destination, Origin
from mediagen.outbound.http_exchange import CannotConnect, Outgoing, exchange

GET = Outgoing("GET", {"Accept": "*/*"})
CONTENT = b"content"


def destination(host: FileHost, *addresses: str, path: str = "/a") -> Destination:
    return Destination(Origin("http", "127.0.0.1", host.port), path, addresses or ("127.0.0.1",))


def ask(to: Destination, seconds: float = 30.0, outgoing: Outgoing = GET, read_seconds: float = 20.0) -> bytes:
    with exchange(outgoing, to, tls=None, seconds_left=lambda: seconds, read_seconds=read_seconds) as response:
        return response.read()


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Record the addresses of all connection attempts, and the time limit of each."""
    tried: list[tuple[str, float]] = []
    connect = socket.create_connection

    def watched(address: tuple[str, int], seconds: float) -> socket.socket:
        tried.append((address[0], seconds))
        return connect(address, seconds)

    monkeypatch.setattr(socket, "create_connection", watched)
    return tried


def watchdogs() -> list[threading.Timer]:
    return [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.parametrize(("left", "allowed"), [(30.0, 5.0), (2.0, 2.0), (0.9, 0.9)])
def test_a_connection_has_five_seconds_or_what_is_left(
    host: FileHost, tried: list[tuple[str, float]], left: float, allowed: float
) -> None:
    host.serve("/a", body(CONTENT))
    assert ask(destination(host), left) == CONTENT
    assert tried == [("127.0.0.1", allowed)]


def test_three_addresses_are_tried_and_the_last_ones_trouble_is_told(tried: list[tuple[str, float]]) -> None:
    with file_host() as gone:
        to = destination(gone, *(f"127.0.0.{number}" for number in range(2, 7)))
    with pytest.raises(CannotConnect, match="ConnectionRefusedError"):
        ask(to)
    assert [address for address, _ in tried] == ["127.0.0.2", "127.0.0.3", "127.0.0.4"]


def test_a_destination_without_an_address_cannot_be_reached(host: FileHost) -> None:
    with pytest.raises(CannotConnect, match="no address"):
        ask(Destination(Origin("http", "127.0.0.1", host.port), "/a", ()))


def test_without_any_time_left_nothing_is_tried(host: FileHost, tried: list[tuple[str, float]]) -> None:
    with pytest.raises(TimeoutError, match="the time for this request is over"):
        ask(destination(host), 0.0)
    assert tried == []


def test_a_body_is_sent_as_it_is(host: FileHost) -> None:
    host.serve("/a", body(CONTENT))
    assert ask(destination(host), outgoing=Outgoing("POST", {}, b'{"a": 1}')) == CONTENT
    assert host.bodies == [b'{"a": 1}']


def test_a_silence_ends_before_the_time_of_the_request(host: FileHost) -> None:
    host.serve("/a", host.silence(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"))
    with pytest.raises((ReadTimeoutError, TimeoutError), match=r"(?i)timed out"):
        ask(destination(host), read_seconds=0.2)


def test_small_pieces_are_sent_at_once_and_the_watchdog_goes_with_the_request(
    host: FileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []
    connect = socket.create_connection

    def kept(*given: Any) -> socket.socket:
        made.append(connect(*given))
        return made[-1]

    monkeypatch.setattr(socket, "create_connection", kept)
    host.serve("/a", body(CONTENT))
    with exchange(GET, destination(host), tls=None, seconds_left=lambda: 600.0, read_seconds=20.0):
        assert made[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert [thread.daemon for thread in watchdogs() if thread.interval == 600.0] == [True]
    eventually(lambda: not [thread for thread in watchdogs() if thread.interval == 600.0], "the watchdog's end")


def test_a_host_is_named_without_the_port_that_goes_without_saying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, connect = authority(tmp_path), socket.create_connection
    with file_host(trusted.server_context("files.test")) as host:
        host.serve("/a", body(CONTENT))

        def to_the_host(address: tuple[str, int], *more: Any) -> socket.socket:
            assert address == ("127.0.0.1", 443)
            return connect(("127.0.0.1", host.port), *more)

        monkeypatch.setattr(socket, "create_connection", to_the_host)
        to = Destination(Origin("https", "files.test", 443), "/a", ("127.0.0.1",))
        tls = trusted.client_context()
        with exchange(GET, to, tls=tls, seconds_left=lambda: 30.0, read_seconds=20.0) as response:
            assert response.read() == CONTENT
    assert [headers["host"] for _, headers in host.requests] == ["files.test"]
    assert host.server_names == ["files.test"]

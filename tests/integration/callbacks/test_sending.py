"""One delivery attempt against real receivers: slow, malformed, endless, or redirecting."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from deliver_callback.sending import HEARD_BYTES, SECONDS, Outcome, Sender, hear
from integration.media.certificates import Authority, authority
from integration.media.file_host import FileHost, Reply, body, file_host, raw, redirect
from mediagen.outbound.addresses import Origin, PublicHosts

NAME = "hooks.example.com"
OK = b"HTTP/1.1 200 OK\r\n"
HEADERS = {"Content-Type": "application/json", "webhook-id": "7b0a54ad"}
BODY = b'{"status": "completed"}'


def send(host: FileHost, reply: Reply, *, seconds: float = SECONDS) -> Outcome:
    """Deliver one callback to a receiver that answers in this way."""
    sender = Sender(PublicHosts.parse(host.origin()), time.monotonic, seconds=seconds)
    return sender.send(host.serve("/vsl?user=1", reply), HEADERS, BODY)


@pytest.mark.parametrize("status", [200, 204, 400, 410, 500, 503])
def test_the_status_alone_decides(receiver: FileHost, status: int) -> None:
    assert send(receiver, body(b"thanks", status=status)) == Outcome(status)
    assert receiver.bodies == [BODY]
    [(path, headers)] = receiver.requests
    assert path == "/vsl?user=1"
    assert headers.items() >= {
        ("host", f"127.0.0.1:{receiver.port}"),
        ("content-type", "application/json"),
        ("webhook-id", "7b0a54ad"),
        ("content-length", str(len(BODY))),
    }
    assert "authorization" not in headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_status_and_not_followed(receiver: FileHost, status: int) -> None:
    with file_host() as inside:
        assert send(receiver, redirect(f"{inside.origin()}/secret", status)) == Outcome(status)
        assert inside.requests == []
    assert len(receiver.requests) == 1


def test_a_proxy_of_the_environment_is_not_asked(receiver: FileHost, monkeypatch: pytest.MonkeyPatch) -> None:
    with file_host() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin())
        assert send(receiver, body(b"")) == Outcome(200)
        assert proxy.requests == []


@pytest.mark.parametrize(
    "start",
    [OK + b"Content-Length: 5000000000\r\n\r\n", OK + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n"],
    ids=["announced", "unannounced", "chunked"],
)
def test_of_an_endless_body_a_little_is_read_and_the_status_stands(receiver: FileHost, start: bytes) -> None:
    assert send(receiver, receiver.drip(start, b"x" * HEARD_BYTES)) == Outcome(200)


def test_no_more_of_a_body_is_read_than_a_little() -> None:
    heard: list[int] = []

    class Endless:
        def read1(self, amount: int) -> bytes:
            heard.append(min(amount, 1000))
            return b"x" * heard[-1]

    hear(Endless())  # type: ignore[arg-type]
    assert sum(heard) == HEARD_BYTES


def test_a_body_that_never_comes_costs_the_rest_of_the_time_and_the_status_stands(receiver: FileHost) -> None:
    assert send(receiver, receiver.silence(OK + b"Content-Length: 5\r\n\r\n"), seconds=0.3) == Outcome(200)


@pytest.mark.parametrize("start", [b"", OK, OK + b"X-Slow: "], ids=["silent", "no end of headers", "in a header"])
def test_a_missing_answer_is_cut_at_the_time_limit(receiver: FileHost, start: bytes) -> None:
    assert send(receiver, receiver.silence(start), seconds=0.3) == Outcome(error="timed_out")


def test_a_slow_drip_is_cut_at_the_time_limit(receiver: FileHost) -> None:
    assert send(receiver, receiver.drip(OK + b"X-Slow: ", b"x"), seconds=0.3) == Outcome(error="timed_out")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 99 No\r\n\r\n", b"+PONG\r\n"])
def test_bytes_that_are_not_http_are_no_answer(receiver: FileHost, answer: bytes) -> None:
    assert send(receiver, raw(answer)) == Outcome(error="no_answer")


def test_a_closed_port_is_a_connection_error() -> None:
    with file_host() as gone:
        origin = gone.origin()
    sender = Sender(PublicHosts.parse(origin), time.monotonic)
    assert sender.send(f"{origin}/vsl", HEADERS, BODY) == Outcome(error="connection_failed")


@pytest.fixture
def trusted(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def send_over_tls(host: FileHost, trusted: Authority, *, seconds: float = SECONDS) -> Outcome:
    rules = PublicHosts(frozenset({Origin("https", NAME, host.port)}))
    sender = Sender(rules, time.monotonic, lambda _: ["127.0.0.1"], trusted.client_context(), seconds)
    return sender.send(f"https://{NAME}:{host.port}/vsl", HEADERS, BODY)


def test_over_tls_the_checked_address_is_asked_for_the_name(trusted: Authority) -> None:
    with file_host(trusted.server_context(NAME)) as host:
        host.serve("/vsl", body(b""))
        assert send_over_tls(host, trusted) == Outcome(200)
        assert host.server_names == [NAME]
        assert [headers["host"] for _, headers in host.requests] == [f"{NAME}:{host.port}"]


@pytest.mark.parametrize(("name", "valid_days"), [("other.example.com", 1), ("127.0.0.1", 1), (NAME, -1)])
def test_a_certificate_of_another_name_or_time_gets_nothing(trusted: Authority, name: str, valid_days: int) -> None:
    with file_host(trusted.server_context(name, valid_days=valid_days)) as host:
        assert send_over_tls(host, trusted) == Outcome(error="tls_failed")
        assert host.bodies == []


def test_a_certificate_of_an_unknown_authority_gets_nothing(trusted: Authority, tmp_path: Path) -> None:
    with file_host(authority(tmp_path).server_context(NAME)) as host:
        assert send_over_tls(host, trusted) == Outcome(error="tls_failed")
        assert host.bodies == []


RECORD = b"\x16\x03\x03\x40\x00"  # announces a handshake of 16 KB


@contextmanager
def endless_handshake(start: bytes, drop: bytes) -> Iterator[int]:
    """Accept one connection, and send the handshake byte by byte, or not at all."""
    over = Event()

    def answer(listener: socket.socket) -> None:
        with listener.accept()[0] as channel, suppress(OSError):
            channel.sendall(start)
            while not over.wait(0.01):
                channel.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        thread.join()


@pytest.mark.parametrize(("start", "drop"), [(b"", b""), (RECORD, b"\x00")], ids=["silent", "in drops"])
def test_an_endless_handshake_is_cut_at_the_time_limit(trusted: Authority, start: bytes, drop: bytes) -> None:
    with endless_handshake(start, drop) as port:
        rules = PublicHosts(frozenset({Origin("https", NAME, port)}))
        sender = Sender(rules, time.monotonic, lambda _: ["127.0.0.1"], trusted.client_context(), 0.3)
        assert sender.send(f"https://{NAME}:{port}/vsl", HEADERS, BODY) == Outcome(error="timed_out")

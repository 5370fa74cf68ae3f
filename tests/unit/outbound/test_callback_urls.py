"""The guard against SSRF: the same addresses are refused when one is registered and when a callback is sent."""

import socket
import time
from threading import Event, current_thread
from typing import Any

import pytest

from deliver_callback.sending import Outcome, Sender
from hostile_urls import ACCEPTED, LOOKED_UP, PUBLIC_ADDRESS, REFUSED, resolve, unreachable
from mediagen.errors.refusals import InvalidFields
from mediagen.outbound.addresses import PublicHosts, Resolve, system_addresses
from mediagen.outbound.callback_urls import CallbackUrls

PUBLIC = PublicHosts()
USER = "user-1"
REFUSAL = Outcome(error="address_refused")
LOCAL = PublicHosts.parse("http://127.0.0.1:8000")


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Note where connections were tried to; none comes about."""
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: Any) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError("nobody")

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def register(url: str, resolver: Resolve = resolve, rules: PublicHosts = PUBLIC) -> None:
    CallbackUrls(rules, resolver).check(url, USER)


def send(url: str, resolver: Resolve = resolve, rules: PublicHosts = PUBLIC) -> Outcome:
    return Sender(rules, time.monotonic, resolver).send(url, {}, b"{}")


def test_the_table_is_long_enough() -> None:
    assert len({*REFUSED, *LOOKED_UP}) == len(REFUSED) + len(LOOKED_UP) >= 100


@pytest.mark.parametrize("url", REFUSED)
def test_a_hostile_address_is_not_registered_and_its_host_not_even_looked_up(url: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        register(url, unreachable)
    assert [(error.path, error.code) for error in caught.value.errors] == [("callbackUrl", "not_allowed")]


@pytest.mark.parametrize("url", REFUSED)
def test_a_hostile_address_is_not_called(url: str, connections: list[Any]) -> None:
    assert send(url, unreachable) == REFUSAL
    assert connections == []


@pytest.mark.parametrize("url", LOOKED_UP)
def test_a_name_that_leads_inside_is_neither_registered_nor_called(url: str, connections: list[Any]) -> None:
    with pytest.raises(InvalidFields, match="1 field is invalid"):
        register(url)
    assert send(url) == REFUSAL
    assert connections == []


@pytest.mark.parametrize("url", ACCEPTED)
def test_a_public_address_is_registered_and_called(url: str, connections: list[tuple[str, int]]) -> None:
    register(url)
    assert send(url) == Outcome(error="connection_failed")
    assert (PUBLIC_ADDRESS, 443) in connections


def test_a_name_that_is_public_when_it_is_registered_and_private_when_it_is_called_is_not_called(
    connections: list[Any],
) -> None:
    answers = iter([[PUBLIC_ADDRESS], ["169.254.169.254"]])
    register("https://rebinding.example.com/", lambda _: next(answers))
    assert send("https://rebinding.example.com/", lambda _: next(answers)) == REFUSAL
    assert connections == []


def test_between_the_check_and_the_connection_a_name_is_not_looked_up_again(connections: list[tuple[str, int]]) -> None:
    answers = iter([[PUBLIC_ADDRESS]])
    send("https://rebinding.example.com/", lambda _: next(answers))
    assert connections == [(PUBLIC_ADDRESS, 443)]


def unknown(_: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_name_without_an_address_is_refused_when_it_is_registered_and_tried_again_when_it_is_called() -> None:
    resolvers: list[Resolve] = [unknown, lambda _: []]
    for resolver in resolvers:
        with pytest.raises(InvalidFields) as caught:
            register("https://hooks.example.com/", resolver)
        assert [error.code for error in caught.value.errors] == ["unknown_host"]
    assert send("https://hooks.example.com/", unknown) == Outcome(error="unknown_host")


def forever(_: str) -> list[str]:
    return [PUBLIC_ADDRESS for _ in iter(Event().wait, None)]


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    released = Event()

    def slow(_: str) -> list[str]:
        released.wait()
        return [PUBLIC_ADDRESS]

    moments = iter([0.0, 2.99, 2.99])  # 10 ms are left of the three seconds
    with pytest.raises(InvalidFields) as caught:
        CallbackUrls(PUBLIC, slow, lambda: next(moments)).check("https://hooks.example.com/", USER)
    assert [error.code for error in caught.value.errors] == ["unknown_host"]
    assert Sender(PUBLIC, time.monotonic, slow, seconds=0.01).send("https://hooks.example.com/", {}, b"") == Outcome(
        error="timed_out"
    )
    released.set()


def slow_a_little(_: str) -> list[str]:
    Event().wait(0.02)
    return [PUBLIC_ADDRESS]


@pytest.mark.parametrize(
    ("moments", "is_batch", "is_waited_for"),
    [
        ([0.0, 2.5], False, True),
        ([0.0, 3.0, 3.0], False, False),
        ([0.0, 9.0, 9.5], True, True),
        ([0.0, 9.0, 10.0, 10.0], True, False),
    ],
)
def test_a_check_waits_for_three_seconds_and_those_of_a_batch_for_ten_in_all(
    moments: list[float], is_batch: bool, is_waited_for: bool
) -> None:
    clock = iter(moments)
    urls = CallbackUrls(PUBLIC, slow_a_little, lambda: next(clock))
    urls = urls.together() if is_batch else urls
    if is_waited_for:
        urls.check("https://hooks.example.com/", USER)
    else:
        with pytest.raises(InvalidFields):
            urls.check("https://hooks.example.com/", USER)


def test_a_look_up_that_never_ends_keeps_no_process_alive() -> None:
    daemons: list[bool] = []

    def noting(_: str) -> list[str]:
        daemons.append(current_thread().daemon)
        return [PUBLIC_ADDRESS]

    register("https://hooks.example.com/", noting)
    assert daemons == [True]


def test_names_are_looked_up_by_the_systems_resolver_unless_told_otherwise() -> None:
    assert CallbackUrls(PUBLIC).resolve is system_addresses


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://127.0.0.1/", "callbackUrl is refused: the host is not a public name."),
        ("https://unknown.example.com/", "The host of callbackUrl has no address."),
    ],
)
def test_a_refusal_says_why_and_what_is_allowed(url: str, told: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        register(url, unknown)
    [error] = caught.value.errors
    assert (error.message, error.allowed) == (
        told,
        "https://name/path, to a public name on port 443, without credentials",
    )


def test_the_checks_of_a_batch_share_their_time() -> None:
    moments = iter([0.0, *[9.0, 9.1], *[10.5, 10.6, 10.6]])
    urls = CallbackUrls(PUBLIC, resolve, lambda: next(moments)).together()
    urls.check("https://hooks.example.com/", USER)
    with pytest.raises(InvalidFields) as caught:
        CallbackUrls(PUBLIC, forever, urls.monotonic, urls.ends).check("https://hooks.example.com/", USER)
    assert [error.code for error in caught.value.errors] == ["unknown_host"]


def test_no_address_is_no_error() -> None:
    CallbackUrls(PUBLIC, unreachable).check(None, USER)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001/",
        "http://127.0.0.1/",
        "https://127.0.0.1:8000/",
        "http://localhost:8000/",
        "http://127.1:8000/",
        "http://user@127.0.0.1:8000/",
        "http://[::ffff:127.0.0.1]:8000/",
    ],
)
def test_near_an_origin_of_the_local_environment_nothing_is_allowed(url: str, connections: list[Any]) -> None:
    with pytest.raises(InvalidFields):
        register(url, unreachable, LOCAL)
    assert send(url, unreachable, LOCAL) == REFUSAL
    assert connections == []


def test_an_origin_of_the_local_environment_is_allowed_and_public_names_are_still(connections: list[Any]) -> None:
    for url in ("http://127.0.0.1:8000/vsl", "https://hooks.example.com/vsl"):
        register(url, rules=LOCAL)
        assert send(url, rules=LOCAL) == Outcome(error="connection_failed")
    assert connections == [("127.0.0.1", 8000), (PUBLIC_ADDRESS, 443)]


@pytest.mark.parametrize("address", ["10.0.0.5", PUBLIC_ADDRESS, "169.254.169.254"])
def test_an_origin_of_the_local_environment_leads_to_the_machine_itself_only(
    address: str, connections: list[tuple[str, int]]
) -> None:
    rules = PublicHosts.parse("http://localhost:8000")
    assert send("http://localhost:8000/", lambda _: [address], rules) == REFUSAL
    assert send("http://localhost:8000/", lambda _: ["127.0.0.1"], rules) == Outcome(error="connection_failed")
    assert connections == [("127.0.0.1", 8000)]


@pytest.mark.parametrize("origins", [None, "", ","])
def test_without_origins_there_is_nothing_but_public_names(origins: str | None) -> None:
    assert PublicHosts.parse(origins) == PUBLIC


@pytest.mark.parametrize("origins", ["127.0.0.1:8000", "http://127.0.0.1:8000/path", "ftp://127.0.0.1", "*"])
def test_an_origin_that_is_none_is_named(origins: str) -> None:
    with pytest.raises(ValueError, match=r"not an origin|no path"):
        PublicHosts.parse(origins)

"""Decide which addresses may be connected to: the guard against SSRF. `outbound.http_exchange` connects to them."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Protocol, Self

from mediagen.errors.text import SafeMessage

if TYPE_CHECKING:
    from concurrent.futures import Future

type Resolve = Callable[[str], Sequence[str]]

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>[/?][!-\"$-\[\]-~]*)?(?:#[!-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_URL = 4096  # Replicate's own are about 150 characters
_MAX_NAME = 253  # RFC 1035
_DEFAULT_PORTS = {"https": 443, "http": 80}
_MAX_PORT = 65535

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # how a subnet with DNS64 reaches public IPv4
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637; Python 3.13 calls it global
_RELAY_6TO4 = "192.88.99."  # RFC 7526; Python calls it global
# Top-level names without public owners: RFC 6761, 6762, 7686, 9476, and those that ICANN reserves for private use.
_NEVER_PUBLIC = frozenset({"localhost", "local", "internal", "test", "example", "invalid", "onion", "alt", "arpa"})


class AddressRefused(SafeMessage, Exception):
    """Raised for a URL or an address that must not be connected to."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a lower-case host (IPv6 without brackets) and a port."""

    scheme: str
    host: str
    port: int

    @property
    def host_header(self) -> str:
        """Return the value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked destination: connect to one of `addresses` only, without resolving the name again."""

    origin: Origin
    target: str
    addresses: tuple[str, ...]


class Rules(Protocol):
    """Rules for hosts, applied before their addresses are known."""

    def admit(self, origin: Origin) -> Callable[[str], bool]:
        """Return the test that the host's addresses must pass. Raises AddressRefused."""


@dataclass(frozen=True, slots=True)
class HostRules:
    """Allowed hosts: host names with their subdomains, and (local environment) whole origins."""

    names: frozenset[str]
    origins: frozenset[Origin]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> HostRules:
        """Read entries like `replicate.delivery` or `http://127.0.0.1:4010`; ValueError names a bad one."""
        names, origins = set(), set()
        for entry in entries:
            if "://" in entry:
                origins.add(_parse_origin(entry))
            elif _is_name(entry.lower()):
                names.add(entry.lower())
            else:
                raise ValueError(f"not a host name or an origin: {entry!r}")
        return cls(frozenset(names), frozenset(origins))

    def admit(self, origin: Origin) -> Callable[[str], bool]:
        """Return the test that the host's addresses must pass. Raises AddressRefused."""
        if origin in self.origins:
            return is_loopback
        _require_https(origin)
        if not any(origin.host == name or origin.host.endswith(f".{name}") for name in self.names):
            raise AddressRefused("the host is not allowed")
        return is_public


@dataclass(frozen=True, slots=True)
class PublicHosts:
    """Any public host name over https on port 443, and (local environment) whole origins."""

    origins: frozenset[Origin] = frozenset()

    @classmethod
    def parse(cls, origins: str | None) -> Self:
        """Read origins like `http://127.0.0.1:4010`, separated by commas; ValueError names a bad one."""
        return cls(frozenset(_parse_origin(entry) for entry in (origins or "").split(",") if entry))

    def admit(self, origin: Origin) -> Callable[[str], bool]:
        """Return the test that the host's addresses must pass. Raises AddressRefused."""
        if origin in self.origins:
            return is_loopback
        _require_https(origin)
        labels = origin.host.split(".")
        if not _is_name(origin.host) or len(labels) == 1 or labels[-1] in _NEVER_PUBLIC:
            raise AddressRefused("the host is not a public name")
        return is_public


def _require_https(origin: Origin) -> None:
    if origin.scheme != "https" or origin.port != _DEFAULT_PORTS["https"]:
        raise AddressRefused("only https on port 443 is allowed")


def _parse_origin(entry: str) -> Origin:
    try:
        origin, target = parse_url(entry)
    except AddressRefused as error:
        raise ValueError(f"not an origin: {entry!r}") from error
    if target != "/":
        raise ValueError(f"an origin has no path: {entry!r}")
    return origin


def parse_url(url: str) -> tuple[Origin, str]:
    """Split a URL into its origin and request target. Raises AddressRefused for every unusual form.

    One grammar decides, and the connection is made from its parts, so no second parser can see another host.
    """
    match = _URL.fullmatch(url) if len(url) <= _MAX_URL else None
    if match is None:
        raise AddressRefused("not a plain http(s) URL")
    scheme = match["scheme"].lower()
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if port > _MAX_PORT:
        raise AddressRefused("the port is out of range")
    target = match["target"] or "/"
    origin = Origin(scheme, _plain_host(match["host"].lower()), port)
    return origin, target if target.startswith("/") else f"/{target}"


def _plain_host(host: str) -> str:
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        if _is_name(host):
            return host
        return str(IPv4Address(host))  # strict: four decimal numbers without leading zeros
    except ValueError:
        raise AddressRefused("the host is neither a plain name nor a plain address") from None


def _is_name(host: str) -> bool:
    labels = host.split(".")
    # No top-level domain starts with a digit, but resolvers read "127.1", "0x7f.1" and "2130706433" as IPv4.
    return len(host) <= _MAX_NAME and all(map(_LABEL.fullmatch, labels)) and not labels[-1][0].isdigit()


def is_public(address: str) -> bool:
    """Return whether this is a public unicast address, also behind the forms of IPv6 that embed IPv4."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        embedded = parsed.ipv4_mapped or (IPv4Address(parsed.packed[12:]) if parsed in _NAT64 else None)
        return _is_public_v4(embedded) if embedded else _is_public_v6(parsed)
    return _is_public_v4(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or str(address).startswith(_RELAY_6TO4)
    return address.is_global and not special


def _is_public_v6(address: IPv6Address) -> bool:
    # 6to4 and Teredo, which embed IPv4 too, are never global by IANA's registry.
    plain = address.scope_id is None and address not in _DOCUMENTATION
    return address in _GLOBAL_UNICAST and address.is_global and plain


def is_loopback(address: str) -> bool:
    """Return whether this is a loopback address, the only target that a configured whole origin may have."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def system_addresses(host: str) -> list[str]:
    """Ask the system's resolver, which gives up after 2 x 5 s per server. Raises OSError for an unknown name."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def within(seconds_left: Callable[[], float], resolve: Resolve = system_addresses) -> Resolve:
    """Bound a resolver in time. After that it raises TimeoutError without waiting for the answer."""
    return lambda host: look_up(host, resolve).result(timeout=max(0.0, seconds_left()))


def look_up(host: str, resolve: Resolve) -> Future[Sequence[str]]:
    """Look a name up in a daemon thread, which keeps no process alive."""
    from concurrent.futures import Future  # only needed for look-ups
    from threading import Thread

    answer: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(resolve(host))
        except OSError as error:
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return answer


def check_url(url: str, rules: Rules, resolve: Resolve = system_addresses) -> Destination:
    """Return the destination of a URL. Raises AddressRefused if it is not allowed, OSError if the name is unknown.

    One refused address refuses the host: a mixed answer is an attack or a mistake.
    """
    origin, target = parse_url(url)
    allowed = rules.admit(origin)
    addresses = tuple(dict.fromkeys(resolve(origin.host) if _is_name(origin.host) else [origin.host]))
    if not addresses:
        raise OSError("the host has no address")
    if not all(map(allowed, addresses)):
        raise AddressRefused("the host leads to an address that is not allowed")
    return Destination(origin, target, addresses)

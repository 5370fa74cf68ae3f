"""The guard against SSRF, second half: the addresses that a name may resolve to."""

import pytest

from mediagen.outbound.addresses import (
    AddressRefused,
    HostRules,
    Origin,
    check_url,
    is_loopback,
    is_public,
    parse_url,
    system_addresses,
)

PUBLIC = "151.101.1.140"
RULES = HostRules.parse(["replicate.delivery", "http://127.0.0.1:4010"])


def unreachable(host: str) -> list[str]:
    raise AssertionError(f"{host} was resolved")


NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::8.8.8.8",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2001:2::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "not an address",
    "",
    "8.8.8",
    "08.8.8.8",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_only_public_unicast_addresses_are_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "151.101.1.140", "2606:4700::6810:84e5", "2a04:4e42::396", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)
def test_a_public_address_is_public_in_each_of_its_forms(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_allowed_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_url("https://replicate.delivery/a.png", RULES, lambda host: [address])


def test_one_inside_address_among_public_ones_refuses_all() -> None:
    with pytest.raises(AddressRefused):
        check_url("https://replicate.delivery/a.png", RULES, lambda host: [PUBLIC, "10.0.0.1"])


def test_a_rebinding_name_is_resolved_once_and_never_again() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    destination = check_url("https://replicate.delivery/a.png", RULES, lambda host: next(answers))
    assert destination.addresses == (PUBLIC,)
    assert next(answers) == ["127.0.0.1"]


def test_a_name_without_an_address_is_unknown_and_not_refused() -> None:
    with pytest.raises(OSError, match="no address"):
        check_url("https://replicate.delivery/a.png", RULES, lambda host: [])


def test_a_trusted_origin_is_reached_at_its_own_address() -> None:
    destination = check_url("http://127.0.0.1:4010/files/a.png", RULES, unreachable)
    assert destination.addresses == ("127.0.0.1",)
    assert destination.origin.host_header == "127.0.0.1:4010"


def test_a_trusted_origin_by_name_leads_to_loopback_only() -> None:
    rules = HostRules.parse(["http://localhost:4010"])
    assert check_url("http://localhost:4010/", rules, lambda host: ["::1", "127.0.0.1", "::1"]).addresses == (
        "::1",
        "127.0.0.1",
    )
    for address in ("10.0.0.1", PUBLIC, "169.254.169.254"):
        with pytest.raises(AddressRefused):
            check_url("http://localhost:4010/", rules, lambda host, found=address: [found])  # type: ignore[misc]


def test_an_ipv6_origin_has_brackets_in_its_host_header_only() -> None:
    rules = HostRules.parse(["http://[::1]:4010"])
    destination = check_url("http://[0:0::1]:4010/a", rules, unreachable)
    assert destination.origin == Origin("http", "::1", 4010)
    assert destination.origin.host_header == "[::1]:4010"


@pytest.mark.parametrize(("address", "expected"), [("127.0.0.9", True), ("::1", True), (PUBLIC, False), ("no", False)])
def test_a_trusted_origin_leads_to_this_machine_only(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_the_systems_resolver_gives_each_address_once() -> None:
    assert system_addresses("127.0.0.1") == ["127.0.0.1"]


def test_a_url_a_name_and_a_port_are_taken_up_to_their_limits() -> None:
    name = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert parse_url("http://127.0.0.1/")[0] == Origin("http", "127.0.0.1", 80)
    assert parse_url(f"https://{name}:65535/")[0] == Origin("https", name, 65535)
    assert len(parse_url("https://a.example/".ljust(4096, "a"))[1]) == 4079
    for beyond in (
        f"https://a.{name}/",
        f"https://{name}b/",
        "https://a.example:65536/",
        "https://a.example/".ljust(4097, "a"),
    ):
        with pytest.raises(AddressRefused):
            parse_url(beyond)

"""The guard against SSRF, first half: refused URLs and rules, in every notation."""

import pytest

from mediagen.outbound.addresses import AddressRefused, HostRules, Origin, check_url

PUBLIC = "151.101.1.140"
RULES = HostRules.parse(["replicate.delivery", "http://127.0.0.1:4010"])


def public(host: str) -> list[str]:
    return [PUBLIC]


def unreachable(host: str) -> list[str]:
    raise AssertionError(f"{host} was resolved")


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://replicate.delivery/pbxt/a/out.png", "replicate.delivery", "/pbxt/a/out.png"),
        ("https://pbxt.replicate.delivery/out-0.webp", "pbxt.replicate.delivery", "/out-0.webp"),
        ("https://a.b.replicate.delivery:443/x?y=z#part", "a.b.replicate.delivery", "/x?y=z"),
        ("HTTPS://Replicate.Delivery", "replicate.delivery", "/"),
        ("https://replicate.delivery?signature=a%2Fb", "replicate.delivery", "/?signature=a%2Fb"),
        ("https://replicate.delivery//evil.com/x", "replicate.delivery", "//evil.com/x"),
    ],
)
def test_a_file_on_an_allowed_host_leads_to_its_checked_address(url: str, host: str, target: str) -> None:
    destination = check_url(url, RULES, public)
    assert destination.origin == Origin("https", host, 443)
    assert destination.target == target
    assert destination.addresses == (PUBLIC,)
    assert destination.origin.host_header == host


@pytest.mark.parametrize(
    "url",
    [
        # another host
        "https://example.com/a.png",
        "https://evilreplicate.delivery/a.png",
        "https://replicate.delivery.evil.com/a.png",
        "https://replicate-delivery/a.png",
        "https://delivery/a.png",
        "https://.replicate.delivery/a.png",
        "https://api.replicate.com/v1/files/a",
        "https://localhost/a.png",
        # another host in disguise
        "https://replicate.delivery@evil.com/a.png",
        "https://user:password@replicate.delivery/a.png",
        "https://@replicate.delivery/a.png",
        "https://evil.com#@replicate.delivery/a.png",
        "https://evil.com\\@replicate.delivery/a.png",
        "https://replicate.delivery\\.evil.com/a.png",
        "https://evil.com%2f.replicate.delivery/a.png",
        "https://replicate%2edelivery/a.png",
        "https://evil.com\t.replicate.delivery/a.png",
        "https://replicate.delivery\r\nHost: evil.com/a.png",
        "https://replicate.delivery/a.png\r\nX-Header: y",
        "https://replicate.delivery/a b.png",
        "https://replicate.delivery/a.png\n",
        " https://replicate.delivery/a.png",
        # not ASCII, or not a plain name
        "https://ⓡeplicate.delivery/a.png",
        "https://replicate。delivery/a.png",
        "https://replicate.del\u0131very/a.png",
        "http\u017f://replicate.delivery/a.png",
        "https://xn--replicate-delivery.com/a.png",
        "https://replicate.delivery/bücher.png",
        "https://replicate.delivery./a.png",
        "https://replicate..delivery/a.png",
        "https://-a.replicate.delivery/a.png",
        "https://a_b.replicate.delivery/a.png",
        "https://" + "a" * 64 + ".replicate.delivery/a.png",
        "https://" + "a." * 130 + "replicate.delivery/a.png",
        "https:///a.png",
        "https://",
        # another scheme
        "http://replicate.delivery/a.png",
        "ftp://replicate.delivery/a.png",
        "file:///etc/passwd",
        "file://replicate.delivery/etc/passwd",
        "gopher://replicate.delivery/a.png",
        "//replicate.delivery/a.png",
        "https:replicate.delivery/a.png",
        "https:/replicate.delivery/a.png",
        "javascript:alert(1)",
        "",
        # another port
        "https://replicate.delivery:80/a.png",
        "https://replicate.delivery:8443/a.png",
        "https://replicate.delivery:0/a.png",
        "https://replicate.delivery:/a.png",
        "https://replicate.delivery:0443/a.png",
        "https://replicate.delivery:65536/a.png",
        "https://replicate.delivery:-1/a.png",
        "https://replicate.delivery:443:80/a.png",
        # addresses in every notation
        "https://127.0.0.1/a.png",
        "https://151.101.1.140/a.png",
        "https://127.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f000001/a.png",
        "https://0x7f.0.0.1/a.png",
        "https://0177.0.0.1/a.png",
        "https://127.000.000.001/a.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/a.png",
        "https://[::ffff:127.0.0.1]/a.png",
        "https://[::ffff:7f00:1]/a.png",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://[fe80::1%25eth0]/a.png",
        "https://[::1/a.png",
        "https://::1/a.png",
        "https://[127.0.0.1]/a.png",
        "https://[]/a.png",
        # near the trusted origin
        "http://127.0.0.1:4011/a.png",
        "http://127.0.0.1/a.png",
        "https://127.0.0.1:4010/a.png",
        "http://localhost:4010/a.png",
        "http://127.0.0.2:4010/a.png",
        "http://user@127.0.0.1:4010/a.png",
        "http://127.1:4010/a.png",
        "http://[::ffff:127.0.0.1]:4010/a.png",
        # long names
        "https://replicate.delivery/" + "a" * 4096,
    ],
)
def test_a_hostile_url_is_refused_before_anything_is_resolved(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, RULES, unreachable)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*.replicate.delivery",
        ".replicate.delivery",
        "replicate.delivery.",
        "replicate.delivery/files",
        "replicate.delivery:443",
        "10.0.0.1",
        "bücher.example",
        "http://127.0.0.1:4010/files",
        "ftp://127.0.0.1",
        "http://user@127.0.0.1",
    ],
)
def test_a_rule_that_is_neither_a_name_nor_an_origin_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"not a host name|not an origin|no path"):
        HostRules.parse(["replicate.delivery", entry])

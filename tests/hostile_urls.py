"""URLs that callbacks must refuse, in many disguises, and some that they must accept.

RESOLVED says where names lead; a URL that is not in LOOKED_UP is refused before a DNS query.
"""

from collections.abc import Sequence

PUBLIC_ADDRESS = "151.101.1.140"
PUBLIC_ADDRESSES = ["2606:4700::6810:84e5", PUBLIC_ADDRESS]

RESOLVED: dict[str, list[str]] = {
    "hooks.example.com": [PUBLIC_ADDRESS],
    "xn--bcher-kva.example.com": [PUBLIC_ADDRESS],
    "both.example.com": PUBLIC_ADDRESSES,
    "loopback.example.com": ["127.0.0.1"],
    "loopback6.example.com": ["::1"],
    "unspecified.example.com": ["0.0.0.0"],
    "private.example.com": ["10.0.0.5"],
    "private172.example.com": ["172.31.0.1"],
    "private192.example.com": ["192.168.0.1"],
    "shared.example.com": ["100.64.0.1"],
    "metadata.example.com": ["169.254.169.254"],
    "metadata6.example.com": ["fd00:ec2::254"],
    "link-local.example.com": ["fe80::1"],
    "mapped.example.com": ["::ffff:169.254.169.254"],
    "nat64.example.com": ["64:ff9b::a9fe:a9fe"],
    "local-nat64.example.com": ["64:ff9b:1::a00:1"],
    "6to4.example.com": ["2002:7f00:1::1"],
    "teredo.example.com": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "multicast.example.com": ["224.0.0.1"],
    "broadcast.example.com": ["255.255.255.255"],
    "documentation.example.com": ["192.0.2.1"],
    "mixed.example.com": [PUBLIC_ADDRESS, "10.0.0.5"],
    "mixed6.example.com": [PUBLIC_ADDRESS, "::1"],
}

# The name is allowed, but its address is not.
LOOKED_UP = [
    f"https://{name}/vsl"
    for name, addresses in RESOLVED.items()
    if not {*addresses} <= {PUBLIC_ADDRESS, "2606:4700::6810:84e5"}
]

REFUSED = [
    # another scheme
    "http://hooks.example.com/vsl",
    "ftp://hooks.example.com/vsl",
    "file:///etc/passwd",
    "gopher://hooks.example.com:443/_GET",
    "dict://127.0.0.1:6379/info",
    "javascript:alert(1)",
    "data:text/plain,hello",
    "//hooks.example.com/vsl",
    "https:hooks.example.com/vsl",
    "https:/hooks.example.com/vsl",
    "hooks.example.com/vsl",
    # another port
    "https://hooks.example.com:80/vsl",
    "https://hooks.example.com:22/vsl",
    "https://hooks.example.com:8443/vsl",
    "https://hooks.example.com:6379/vsl",
    "https://hooks.example.com:0/vsl",
    "https://hooks.example.com:65536/vsl",
    "https://hooks.example.com:/vsl",
    "https://hooks.example.com:0443/vsl",
    "https://hooks.example.com:443:80/vsl",
    # credentials, and hosts after them
    "https://user@hooks.example.com/vsl",
    "https://user:password@hooks.example.com/vsl",
    "https://@hooks.example.com/vsl",
    "https://hooks.example.com@127.0.0.1/vsl",
    "https://127.0.0.1#@hooks.example.com/vsl",
    "https://127.0.0.1\\@hooks.example.com/vsl",
    # IPv4 in every notation
    "https://127.0.0.1/vsl",
    "https://127.1/vsl",
    "https://0/vsl",
    "https://2130706433/vsl",
    "https://0x7f000001/vsl",
    "https://0x7f.0.0.1/vsl",
    "https://0177.0.0.1/vsl",
    "https://017700000001/vsl",
    "https://127.000.000.001/vsl",
    "https://10.0.0.5/vsl",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://0xa9fea9fe/latest/meta-data/",
    "https://169.254.169.254./latest/meta-data/",
    f"https://{PUBLIC_ADDRESS}/vsl",
    "https://①②⑦.⓪.⓪.①/vsl",
    # IPv6
    "https://[::1]/vsl",
    "https://[::]/vsl",
    "https://[::ffff:127.0.0.1]/vsl",
    "https://[::ffff:7f00:1]/vsl",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[fe80::1%25eth0]/vsl",
    "https://[64:ff9b::169.254.169.254]/vsl",
    "https://[2002:7f00:1::1]/vsl",
    "https://[2606:4700::6810:84e5]/vsl",
    "https://[127.0.0.1]/vsl",
    "https://[::1/vsl",
    "https://::1/vsl",
    # names that are not public
    "https://localhost/vsl",
    "https://LOCALHOST/vsl",
    "https://hooks.localhost/vsl",
    "https://printer.local/vsl",
    "https://ip-10-0-0-5.ec2.internal/vsl",
    "https://metadata.google.internal/vsl",
    "https://hidden.onion/vsl",
    "https://hooks.test/vsl",
    "https://hooks.example/vsl",
    "https://hooks.invalid/vsl",
    "https://hooks.alt/vsl",
    "https://1.0.0.127.in-addr.arpa/vsl",
    "https://intranet/vsl",
    # names in disguise
    "https://hooks.example.com./vsl",
    "https://hooks..example.com/vsl",
    "https://.example.com/vsl",
    "https://bücher.example.com/vsl",
    "https://hooks.example。com/vsl",
    "https://\uff48ooks.example.com/vsl",
    "https://hooks%2eexample.com/vsl",
    "https://127.0.0.1%2f.example.com/vsl",
    "https://hooks.example.com%00.127.0.0.1/vsl",
    "https://hooks.example.com\\.127.0.0.1/vsl",
    "https://ho_oks.example.com/vsl",
    "https:///vsl",
    "https://",
    # characters that break lines and parsers
    "https://hooks.example.com\t/vsl",
    "https://hooks.example.com\n/vsl",
    "https://hooks.example.com/vsl\r\nHost: 127.0.0.1",
    "https://hooks.example.com/vsl\n",
    " https://hooks.example.com/vsl",
    "https://hooks.example.com/v sl",
    "https://hooks.example.com/\x00",
    "https://hooks.example.com/väl",
]

ACCEPTED = [
    "https://hooks.example.com",
    "https://hooks.example.com/vsl",
    "https://hooks.example.com:443/vsl?user=1&token=a%2Fb",
    "HTTPS://Hooks.Example.COM/vsl#part",
    "https://hooks.example.com//127.0.0.1/vsl",
    "https://hooks.example.com/?next=http://127.0.0.1/",
    "https://xn--bcher-kva.example.com/vsl",
    "https://both.example.com/vsl",
]


def resolve(host: str) -> Sequence[str]:
    """Resolve a name; any other name means that the client was tricked."""
    return RESOLVED[host]


def unreachable(host: str) -> Sequence[str]:
    """Fail, because no name should be looked up."""
    raise AssertionError(f"{host} was looked up")

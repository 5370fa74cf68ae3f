"""Downloads over TLS: the address is pinned, and the certificate must match the name."""

import ssl
import time
from pathlib import Path

import pytest

from integration.media.certificates import Authority, authority
from integration.media.file_host import FileHost, body, file_host
from mediagen.media.download import Download, Source, download
from mediagen.media.errors import OutputUnavailable
from mediagen.outbound.addresses import HostRules

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(100_000)
NAME = "files.test"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def trusted(tmp_path: Path) -> Authority:
    """Create the authority that the client trusts."""
    return authority(tmp_path)


def fetch(host: FileHost, path: Path, tls: ssl.SSLContext | None, seconds: float = 30) -> Download:
    end = time.monotonic() + seconds
    source = Source(HostRules.parse([host.origin(NAME)]), resolve=lambda name: ["127.0.0.1"], tls=tls)
    return download(
        f"{host.origin(NAME)}/a.png",
        path / "file",
        source=source,
        limit_bytes=1_000_000,
        seconds_left=lambda: end - time.monotonic(),
    )


def test_a_pinned_address_is_asked_for_the_name_in_tls_and_in_http(trusted: Authority, tmp_path: Path) -> None:
    with file_host(trusted.server_context(NAME)) as host:
        host.serve("/a.png", body(PICTURE))
        assert fetch(host, tmp_path, trusted.client_context()).bytes == len(PICTURE)
        assert host.server_names == [NAME]
        assert [headers["host"] for _, headers in host.requests] == [f"{NAME}:{host.port}"]


@pytest.mark.parametrize(("name", "valid_days"), [("other.test", 1), ("127.0.0.1", 1), (NAME, -1)])
def test_a_certificate_of_another_name_or_time_is_not_accepted(
    trusted: Authority, tmp_path: Path, name: str, valid_days: int
) -> None:
    with file_host(trusted.server_context(name, valid_days=valid_days)) as host:
        host.serve("/a.png", body(PICTURE))
        with pytest.raises(OutputUnavailable, match="SSLCertVerificationError"):
            fetch(host, tmp_path, trusted.client_context())
        assert host.requests == []


@pytest.mark.parametrize("system_roots", [True, False])
def test_a_certificate_of_an_unknown_authority_is_not_accepted(
    trusted: Authority, tmp_path: Path, system_roots: bool
) -> None:
    stranger = authority(tmp_path)
    with file_host(stranger.server_context(NAME)) as host:
        host.serve("/a.png", body(PICTURE))
        with pytest.raises(OutputUnavailable, match="SSLCertVerificationError"):
            fetch(host, tmp_path, None if system_roots else trusted.client_context())
        assert host.requests == []


@pytest.mark.parametrize(
    "start",
    [OK + b"Content-Length: 1000000\r\n\r\n", OK + b"\r\n", OK + b"X: "],
)
def test_a_slow_drip_over_tls_ends_with_the_time_of_the_download(
    trusted: Authority, tmp_path: Path, start: bytes
) -> None:
    with file_host(trusted.server_context(NAME)) as host:
        host.serve("/a.png", host.drip(start, b"x"))
        with pytest.raises(OutputUnavailable):
            fetch(host, tmp_path, trusted.client_context(), seconds=0.5)
        assert not (tmp_path / "file").exists()

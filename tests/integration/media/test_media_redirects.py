"""Redirects and names that try to lead a download to another host."""

from pathlib import Path

import pytest

from integration.media.fetching import LIMIT, PICTURE, fetch, refused, within
from integration.media.file_host import FileHost, body, file_host, redirect
from mediagen.media.download import Source, download
from mediagen.media.errors import OutputRefused
from mediagen.outbound.addresses import HostRules


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_a_fourth_is_not(host: FileHost, tmp_path: Path, status: int) -> None:
    host.serve("/0", body(PICTURE))
    for number in range(1, 5):
        host.serve(f"/{number}", redirect(f"{host.origin()}/{number - 1}", status))
    assert fetch(host, f"{host.origin()}/3", tmp_path).bytes == len(PICTURE)
    assert refused(host, f"{host.origin()}/4", tmp_path) == "output_host_refused"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "http://127.0.0.1:{other}/secret",
        "http://localhost:{own}/a.png",
        "//127.0.0.1:{other}/secret",
        "http://10.0.0.1/",
        "http://[::1]:{own}/",
        "https://[::ffff:127.0.0.1]/",
        "http://replicate.delivery/a.png",
        "https://example.com/a.png",
        "http://user:password@127.0.0.1:{own}/b.png",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "https://[broken/",
        "\\\\127.0.0.1:{other}\\secret",
        "https://replicate.delivery@127.0.0.1:{other}/secret",
    ],
)
def test_a_redirect_elsewhere_is_refused_and_never_contacted(host: FileHost, tmp_path: Path, location: str) -> None:
    with file_host() as other:
        other.serve("/secret", body(PICTURE))
        url = host.serve("/a.png", redirect(location.format(own=host.port, other=other.port)))
        assert refused(host, url, tmp_path) == "output_host_refused"
        assert other.requests == []
    assert len(host.requests) == 1


def test_an_allowed_name_that_leads_to_this_machine_is_never_contacted(host: FileHost, tmp_path: Path) -> None:
    source = Source(HostRules.parse(["replicate.delivery"]), resolve=lambda name: ["127.0.0.1"])
    with pytest.raises(OutputRefused, match="output_host_refused"):
        download(
            "https://replicate.delivery/a.png",
            tmp_path / "file",
            source=source,
            limit_bytes=LIMIT,
            seconds_left=within(30),
        )
    assert host.requests == []


def test_a_name_that_changes_its_address_is_checked_again_at_every_hop(host: FileHost, tmp_path: Path) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    source = Source(HostRules.parse([host.origin("files.test")]), resolve=lambda name: next(answers))
    url = host.serve("/a.png", redirect("/b.png"), "files.test")
    with pytest.raises(OutputRefused, match="output_host_refused"):
        download(url, tmp_path / "file", source=source, limit_bytes=LIMIT, seconds_left=within(30))
    assert [headers["host"] for _, headers in host.requests] == [f"files.test:{host.port}"]

"""The table of hostile URLs, applied to outputs: in a prediction, or in a redirect on the way to its file."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hostile_urls import ACCEPTED, LOOKED_UP, PUBLIC_ADDRESSES, REFUSED, resolve, unreachable
from integration.media.fetching import LIMIT, within
from integration.media.file_host import FileHost, redirect
from mediagen.media.download import Source, download
from mediagen.media.errors import OutputRefused, OutputUnavailable
from mediagen.media.outputs import collect_references
from mediagen.outbound.addresses import HostRules, Resolve

RULES = ["example.com"]
PUBLIC = {(address, 443) for address in PUBLIC_ADDRESSES}


@pytest.fixture
def connections(host: FileHost, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record the addresses of all connections; only those to the file host succeed."""
    tried: list[Any] = []
    connect = socket.create_connection

    def watched(address: tuple[str, int], *more: Any) -> socket.socket:
        tried.append(address)
        if address != ("127.0.0.1", host.port):
            raise ConnectionRefusedError("nobody")
        return connect(address, *more)

    monkeypatch.setattr(socket, "create_connection", watched)
    return tried


def fetch(url: str, folder: Path, resolver: Resolve, *more: str) -> None:
    source = Source(HostRules.parse([*RULES, *more]), resolver)
    download(url, folder / "file", source=source, limit_bytes=LIMIT, seconds_left=within(30))


# A data URI names no host and holds the model's output: it is accepted like any file.
@pytest.mark.parametrize("url", [url for url in REFUSED if not url.startswith("data:")])
def test_a_hostile_output_is_refused_and_its_host_not_even_looked_up(
    tmp_path: Path, connections: list[Any], url: str
) -> None:
    with pytest.raises(OutputRefused) as caught:
        fetch(url, tmp_path, unreachable)
    assert caught.value.code == "output_host_refused"
    assert (connections, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("url", LOOKED_UP)
def test_an_output_whose_name_leads_inside_is_refused(tmp_path: Path, connections: list[Any], url: str) -> None:
    with pytest.raises(OutputRefused, match="output_host_refused"):
        fetch(url, tmp_path, resolve)
    assert (connections, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("url", ACCEPTED)
def test_an_output_on_an_allowed_host_is_asked_for_at_its_checked_address_only(
    tmp_path: Path, connections: list[Any], url: str
) -> None:
    with pytest.raises(OutputUnavailable):
        fetch(url, tmp_path, resolve)
    assert {*connections} <= PUBLIC
    assert connections


@pytest.mark.parametrize("url", [*REFUSED, *LOOKED_UP])
def test_a_prediction_names_files_by_http_and_data_urls_only(url: str) -> None:
    for output in (url, [url], {"image": url}, [{"file": [url]}]):
        assert all(found.startswith(("http", "data:")) for found in collect_references(output, limit=64).found)


@pytest.mark.parametrize("location", [url for url in REFUSED if url.isascii() and not {*url} & {*"\r\n\x00"}])
def test_a_redirect_to_a_hostile_address_leads_nowhere_inside(
    host: FileHost, tmp_path: Path, connections: list[Any], location: str
) -> None:
    with pytest.raises((OutputRefused, OutputUnavailable)):
        fetch(host.serve("/a.png", redirect(location)), tmp_path, resolve, host.origin())
    own = ("127.0.0.1", host.port)
    # Text before a blank may be an allowed name on its allowed port.
    assert connections[0] == own
    assert {*connections} <= {own, *PUBLIC}


@pytest.mark.parametrize("location", LOOKED_UP)
def test_a_redirect_to_a_name_that_leads_inside_is_not_followed(
    host: FileHost, tmp_path: Path, connections: list[Any], location: str
) -> None:
    with pytest.raises(OutputRefused, match="output_host_refused"):
        fetch(host.serve("/a.png", redirect(location)), tmp_path, resolve, host.origin())
    assert connections == [("127.0.0.1", host.port)]


def test_a_name_that_leads_elsewhere_at_the_second_try_is_checked_again(tmp_path: Path, connections: list[Any]) -> None:
    answers = iter([PUBLIC_ADDRESSES, ["169.254.169.254"]])

    def rebound(_: str) -> Sequence[str]:
        return next(answers)

    with pytest.raises(OutputUnavailable):
        fetch("https://hooks.example.com/a.png", tmp_path, rebound)
    with pytest.raises(OutputRefused, match="output_host_refused"):
        fetch("https://hooks.example.com/a.png", tmp_path, rebound)
    assert {*connections} == PUBLIC

"""TLS to PostgreSQL verifies the chain, the name and the dates; only the URL can disable it."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from integration.stores.tls import Authority, tls_front
from integration.wire import at_port
from mediagen.errors.refusals import Unavailable
from mediagen.records.database import Database

ADDRESS = "127.0.0.1"


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """An authority that did not sign the server's certificate."""
    return Authority(tmp_path)


def asked(url: str, certificate: Path | None, options: str = "") -> object:
    """Run a query over TLS with this certificate."""
    with tls_front(url, certificate) as port:
        over_tls = urlsplit(at_port(url, port))._replace(query=options).geturl()
        database = Database(lambda: over_tls)
        try:
            return database.run("SELECT 1 AS one")
        finally:
            database.close()


def test_a_certificate_of_a_trusted_authority_is_taken(trusted: Authority, instance_url: str) -> None:
    assert asked(instance_url, trusted.server(ADDRESS)) == [{"one": 1}]


@pytest.mark.parametrize("mode", ["", "sslmode=verify-full", "sslmode=require", "sslmode=prefer", "sslmode="])
def test_a_foreign_certificate_is_refused_whatever_the_url_says(
    authority: Authority, instance_url: str, mode: str
) -> None:
    with pytest.raises(Unavailable):
        asked(instance_url, authority.server(ADDRESS), mode)


def test_a_certificate_for_another_host_is_refused(trusted: Authority, instance_url: str) -> None:
    with pytest.raises(Unavailable):
        asked(instance_url, trusted.server("database.example"))


def test_an_expired_certificate_is_refused(trusted: Authority, instance_url: str) -> None:
    with pytest.raises(Unavailable):
        asked(instance_url, trusted.server(ADDRESS, ended=True))


def test_a_server_without_tls_is_refused(trusted: Authority, instance_url: str) -> None:
    with pytest.raises(Unavailable):
        asked(instance_url, None)


def test_the_roots_that_the_url_names_are_trusted(authority: Authority, instance_url: str) -> None:
    assert asked(instance_url, authority.server(ADDRESS), f"sslrootcert={authority.root}") == [{"one": 1}]


def test_beside_them_no_other_root_is(trusted: Authority, stranger: Authority, instance_url: str) -> None:
    assert asked(instance_url, trusted.server(ADDRESS)) == [{"one": 1}]
    with pytest.raises(Unavailable) as caught:
        asked(instance_url, trusted.server(ADDRESS), f"sslrootcert={stranger.root}")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


@pytest.mark.parametrize(("host", "ended"), [("database.example", False), (ADDRESS, True)], ids=["name", "ended"])
def test_with_them_the_name_and_the_dates_still_count(
    authority: Authority, instance_url: str, host: str, ended: bool
) -> None:
    with pytest.raises(Unavailable) as caught:
        asked(instance_url, authority.server(host, ended=ended), f"sslrootcert={authority.root}")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


def test_missing_roots_refuse_every_server(trusted: Authority, instance_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        asked(instance_url, trusted.server(ADDRESS), f"sslrootcert={tmp_path / 'missing.pem'}")
    assert isinstance(caught.value.__cause__, FileNotFoundError)

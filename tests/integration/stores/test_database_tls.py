"""TLS to PostgreSQL is verified: the chain, the name and the dates, and there is no way around it but by the URL."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from integration.stores.tls import Authority, tls_front
from integration.wire import at_port
from mediagen.database import Database
from mediagen.refusals import Unavailable

ADDRESS = "127.0.0.1"


def asked(url: str, certificate: Path | None, mode: str = "") -> object:
    """Ask something through TLS with this certificate."""
    with tls_front(url, certificate) as port:
        over_tls = urlsplit(at_port(url, port))._replace(query=mode).geturl()
        database = Database(lambda: over_tls)
        try:
            return database.run("SELECT 1 AS one")
        finally:
            database.close()


def test_a_certificate_of_a_trusted_authority_is_taken(trusted: Authority, database_url: str) -> None:
    assert asked(database_url, trusted.server(ADDRESS)) == [{"one": 1}]


@pytest.mark.parametrize("mode", ["", "sslmode=verify-full", "sslmode=require", "sslmode=prefer", "sslmode="])
def test_a_certificate_of_somebody_else_is_refused_whatever_the_url_asks(
    authority: Authority, database_url: str, mode: str
) -> None:
    with pytest.raises(Unavailable):
        asked(database_url, authority.server(ADDRESS), mode)


def test_a_certificate_for_another_host_is_refused(trusted: Authority, database_url: str) -> None:
    with pytest.raises(Unavailable):
        asked(database_url, trusted.server("database.example"))


def test_a_certificate_that_has_ended_is_refused(trusted: Authority, database_url: str) -> None:
    with pytest.raises(Unavailable):
        asked(database_url, trusted.server(ADDRESS, ended=True))


def test_a_server_without_tls_is_refused(trusted: Authority, database_url: str) -> None:
    with pytest.raises(Unavailable):
        asked(database_url, None)

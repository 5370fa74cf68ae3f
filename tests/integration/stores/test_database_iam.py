"""IAM instead of a password: a real PostgreSQL behind TLS which, as RDS does, asks for the token in clear text.

The role's password stands in for IAM's check: it is the only token that is valid at the moment.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from integration.databases import connected, set_rules
from integration.stores.iam import USER, Signer
from integration.stores.tls import Authority, tls_front
from integration.wire import closed_port
from mediagen.aws.tokens import UrlRefused, database_token
from mediagen.errors.refusals import Unavailable
from mediagen.records.database import Database

ADDRESS = "127.0.0.1"
WRONG_PASSWORD = "28P01"
WHO = "SELECT current_user AS name, pg_backend_pid() AS pid"


@pytest.fixture(scope="module")
def admin(postgres: str) -> Iterator[Any]:
    """Create a role that sends its password in clear text; yield the connection that can change it."""
    with connected(postgres) as connection:
        clear, others = f"host all {USER} {ADDRESS}/32 password", f"host all all {ADDRESS}/32 scram-sha-256"
        set_rules(postgres, connection, clear, others)
        connection.run(f"CREATE ROLE {USER} LOGIN")
        yield connection
        connection.run(f"DROP ROLE {USER}")


@pytest.fixture
def port(postgres: str, admin: Any, trusted: Authority) -> Iterator[int]:
    with tls_front(postgres, trusted.server(ADDRESS)) as port:
        yield port


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
def accept(admin: Any, signer: Signer) -> Callable[[int], None]:
    """Let the server accept only tokens signed now for this port."""

    def now(port: int) -> None:
        token = database_token(signer(), host=ADDRESS, port=port, user=USER)
        admin.run(f"ALTER ROLE {USER} PASSWORD '{token}'")

    return now


def database_at(port: int, signer: Signer) -> Database:
    return Database(lambda: f"postgresql://{USER}@{ADDRESS}:{port}/postgres?iam=true", signer)


def test_a_token_for_user_host_and_port_opens_the_connection(
    port: int, signer: Signer, accept: Callable[[int], None]
) -> None:
    accept(port)
    with closing(database_at(port, signer)) as database:
        assert database.run(WHO)[0]["name"] == USER


def test_an_open_connection_stays_and_a_new_one_gets_a_fresh_token(
    port: int, signer: Signer, accept: Callable[[int], None], admin: Any
) -> None:
    accept(port)
    with closing(database_at(port, signer)) as database:
        first = database.run(WHO)[0]["pid"]
        signer.wait(minutes=20)
        accept(port)
        assert database.run(WHO)[0]["pid"] == first
        admin.run("SELECT pg_terminate_backend(:pid)", pid=first)
        assert database.run(WHO)[0]["pid"] != first


def test_the_token_of_before_does_not_open_it_again(
    port: int, signer: Signer, accept: Callable[[int], None], admin: Any
) -> None:
    accept(port)
    with closing(database_at(port, signer)) as database:
        first = database.run(WHO)[0]["pid"]
        signer.wait(minutes=20)
        accept(port)
        signer.wait(minutes=-20)
        admin.run("SELECT pg_terminate_backend(:pid)", pid=first)
        with pytest.raises(Unavailable) as caught:
            database.run(WHO)
    assert WRONG_PASSWORD in str(caught.value.__cause__)


def test_a_refused_token_is_never_logged(
    port: int, signer: Signer, accept: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    accept(port + 1)
    with pytest.raises(Unavailable) as caught:
        database_at(port, signer).run(WHO)
    assert WRONG_PASSWORD in str(caught.value.__cause__)
    for told in (str(caught.value), str(caught.value.__cause__), *capsys.readouterr()):
        assert "X-Amz" not in told


@pytest.mark.parametrize(("host", "ended"), [("database.example", False), (ADDRESS, True)], ids=["name", "ended"])
def test_no_token_is_sent_to_a_server_with_a_wrong_or_expired_certificate(
    postgres: str, trusted: Authority, signer: Signer, host: str, ended: bool
) -> None:
    with tls_front(postgres, trusted.server(host, ended=ended)) as port, pytest.raises(Unavailable) as caught:
        database_at(port, signer).run(WHO)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


def test_no_token_is_sent_to_a_server_of_an_unknown_authority(
    postgres: str, authority: Authority, signer: Signer
) -> None:
    with tls_front(postgres, authority.server(ADDRESS)) as port, pytest.raises(Unavailable) as caught:
        database_at(port, signer).run(WHO)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


def test_no_token_is_sent_to_a_server_without_tls(postgres: str, signer: Signer) -> None:
    with tls_front(postgres, None) as port, pytest.raises(Unavailable):
        database_at(port, signer).run(WHO)


@pytest.mark.parametrize(
    ("login", "options", "reason"),
    [
        (USER, "iam=true&sslmode=disable", "iam needs TLS"),
        (f"{USER}:password", "iam=true", "both a password and iam"),
        (USER, "iam=yes", "iam=true, or nothing"),
    ],
)
def test_a_url_that_would_give_the_token_away_or_contradicts_itself_is_refused_before_connecting(
    signer: Signer, login: str, options: str, reason: str
) -> None:
    url = urlsplit(f"postgresql://{login}@{ADDRESS}:{closed_port()}/postgres")._replace(query=options).geturl()
    with pytest.raises(UrlRefused, match=reason):
        Database(lambda: url, signer).run(WHO)


def test_without_signing_credentials_the_database_is_unavailable(port: int, signer: Signer) -> None:
    signer.away = True
    with pytest.raises(Unavailable):
        database_at(port, signer).run(WHO)

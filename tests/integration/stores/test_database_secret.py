"""The owner's login on RDS: in a secret that RDS rotates every week, over TLS with RDS's own roots."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from integration.databases import connected
from integration.stores.tls import Authority, tls_front
from integration.wire import closed_port
from mediagen.aws.secrets import LoginUnreadable
from mediagen.aws.settings import Aws
from mediagen.errors.refusals import Unavailable
from mediagen.records.database import Database, connect

ADDRESS, USER = "127.0.0.1", "rotated_owner"
WHO = "SELECT current_user AS name, pg_backend_pid() AS pid"


@pytest.fixture(scope="module")
def admin(postgres: str) -> Iterator[Any]:
    """Create a role whose password is rotated."""
    with connected(postgres) as connection:
        connection.run(f"CREATE ROLE {USER} LOGIN")
        yield connection
        connection.run(f"DROP ROLE {USER}")


@pytest.fixture
def secret(moto: Aws, boto: Callable[..., Any]) -> str:
    return str(boto(moto, "secretsmanager").create_secret(Name=f"rds!db-{uuid4()}")["ARN"])


@pytest.fixture
def write(secret: str, moto: Aws, boto: Callable[..., Any]) -> Callable[[str], None]:
    client = boto(moto, "secretsmanager")
    return lambda text: client.put_secret_value(SecretId=secret, SecretString=text)


@pytest.fixture
def rotate(write: Callable[[str], None], admin: Any) -> Callable[[], None]:
    """Rotate the role's password, as RDS does."""

    def change() -> None:
        password = f"{uuid4()}?&=%:/@"
        admin.run(f"ALTER ROLE {USER} PASSWORD '{password}'")
        write(json.dumps({"username": USER, "password": password}))

    return change


@pytest.fixture
def url(postgres: str, secret: str, authority: Authority) -> Iterator[str]:
    with tls_front(postgres, authority.server(ADDRESS)) as port:
        yield f"postgresql://vsl_owner@{ADDRESS}:{port}/postgres?secret={secret}&sslrootcert={authority.root}"


def test_the_login_is_the_one_in_the_secret(url: str, rotate: Callable[[], None], moto: Aws) -> None:
    rotate()
    with closing(connect(url, lambda: moto)) as connection:
        assert connection.run("SELECT current_user") == [[USER]]


def test_an_open_connection_stays_and_the_next_one_uses_the_new_password(
    url: str, rotate: Callable[[], None], moto: Aws, admin: Any
) -> None:
    rotate()
    with closing(Database(lambda: url, lambda: moto)) as database:
        first = database.run(WHO)[0]["pid"]
        rotate()
        assert database.run(WHO)[0]["pid"] == first
        admin.run("SELECT pg_terminate_backend(:pid)", pid=first)
        assert database.run(WHO)[0]["name"] == USER


def test_without_the_secret_the_database_is_unavailable(url: str, moto: Aws) -> None:
    with pytest.raises(Unavailable):
        Database(lambda: url, lambda: moto).run(WHO)


@pytest.mark.parametrize("text", ["hunter2", '"hunter2"', '{"password": "hunter2"}', '["hunter2"]', "null"])
def test_a_secret_that_is_no_login_is_refused_without_telling_it(
    moto: Aws, secret: str, write: Callable[[str], None], text: str
) -> None:
    write(text)
    with pytest.raises(LoginUnreadable) as caught:
        connect(f"postgresql://a@{ADDRESS}:{closed_port()}/b?secret={secret}", lambda: moto)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__

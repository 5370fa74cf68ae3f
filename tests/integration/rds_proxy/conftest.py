"""Doubles of RDS Proxy with few connections, in front of the tests' PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pg8000.exceptions import InterfaceError

from integration.databases import connected
from integration.proxied import Endpoint, proxied
from mediagen.aws.credentials import Credentials
from mediagen.aws.settings import Aws
from mediagen.records.database import connect

ROLE, PASSWORD, REGION = "proxied", "of the proxy alone", "eu-west-1"
FUNCTION = Credentials("ASIAFUNCTION", "secret/with+odd=characters", "token//with+odd==characters")


@pytest.fixture(scope="module")
def admin(postgres: str) -> Iterator[Any]:
    """Create a role for which the proxy has a password; yield the administrator's connection to the instance."""
    with connected(postgres) as connection:
        connection.run(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        yield connection
        connection.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'")
        connection.run(f"DROP ROLE {ROLE}")


type Start = Callable[..., Endpoint]


@pytest.fixture
def start(postgres: str, admin: Any, tmp_path: Path) -> Iterator[Start]:
    """Start a proxy with limits of its own."""
    with ExitStack() as running:

        def begin(**limits: float) -> Endpoint:
            return running.enter_context(proxied(postgres, {ROLE: PASSWORD}, FUNCTION, REGION, tmp_path, **limits))

        yield begin


def aws(signer: Credentials = FUNCTION) -> Aws:
    return Aws(REGION, lambda: signer, now=lambda: datetime.now(UTC))


type Clients = Callable[..., Any]


@pytest.fixture
def client(postgres: str) -> Iterator[Clients]:
    """Open client connections, which are closed with the test."""
    name = urlsplit(postgres).path[1:]
    with ExitStack() as opened:

        def open_one(endpoint: Endpoint, signer: Credentials = FUNCTION, *, user: str = ROLE) -> Any:
            connection = connect(endpoint.url(user, name), lambda: aws(signer))
            opened.enter_context(suppress(InterfaceError))  # a test may have closed it
            opened.callback(connection.close)
            return connection

        yield open_one

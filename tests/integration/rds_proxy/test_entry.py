"""Logins at a double of RDS Proxy: accepted and refused as AWS documents."""

import socket
import ssl
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pg8000.native
import pytest
from pg8000.exceptions import DatabaseError

from integration.proxied import Endpoint
from integration.rds_proxy.conftest import FUNCTION, ROLE, Clients, Start, aws
from mediagen.aws.credentials import Credentials
from mediagen.aws.tokens import database_token

HOST = "127.0.0.1"


def log_in(endpoint: Endpoint, token: str, *, user: str = ROLE, tls: bool = True, **more: Any) -> Any:
    context = ssl.create_default_context(cafile=str(endpoint.root)) if tls else False
    return pg8000.native.Connection(
        user, HOST, more.pop("database", "postgres"), endpoint.port, token, ssl_context=context, **more
    )


def good(endpoint: Endpoint, **changes: Any) -> str:
    given: dict[str, Any] = {"host": HOST, "port": endpoint.port, "user": ROLE} | changes
    return database_token(aws(), **given)


def refusal(act: Any) -> tuple[str, str]:
    with pytest.raises(DatabaseError) as caught:
        act().run("SELECT 1")
    return caught.value.args[0]["C"], caught.value.args[0]["M"]


def test_a_function_comes_in_with_a_token_and_is_the_role_at_the_instance(start: Start, client: Clients) -> None:
    assert client(start()).run("SELECT current_user") == [[ROLE]]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("statement_timeout", "5000"), ("search_path", "public"), ("TimeZone", "UTC"), ("client_encoding", "LATIN1")],
)
def test_start_up_parameters_that_it_does_not_know_are_refused_with_their_name(
    start: Start, parameter: str, value: str
) -> None:
    endpoint = start()
    told = f"Feature not supported: RDS Proxy currently doesn't support the option {parameter}."
    parameters: dict[str, Any] = {"startup_params": {parameter: value}}
    assert refusal(lambda: log_in(endpoint, good(endpoint), **parameters)) == ("0A000", told)


def test_command_line_options_and_replication_are_refused(start: Start) -> None:
    endpoint = start()
    options: dict[str, Any] = {"startup_params": {"options": "-c statement_timeout=5000"}}
    assert "doesn't support command-line options" in refusal(lambda: log_in(endpoint, good(endpoint), **options))[1]
    replicating: dict[str, Any] = {"replication": "database"}
    told = refusal(lambda: log_in(endpoint, good(endpoint), **replicating))[1]
    assert "doesn't support streaming replication mode" in told


def test_a_client_without_tls_is_refused(start: Start) -> None:
    endpoint = start()
    told = ("28000", "This RDS Proxy requires TLS connections.")
    assert refusal(lambda: log_in(endpoint, good(endpoint), tls=False)) == told


def test_a_role_without_a_secret_is_refused(start: Start) -> None:
    endpoint = start()
    told = refusal(lambda: log_in(endpoint, good(endpoint, user="vsl"), user="vsl"))
    assert told[0] == "28000"
    assert "has no credentials for the role vsl" in told[1]


@pytest.mark.parametrize(
    ("signer", "changes"),
    [
        (FUNCTION, {"port": 5432}),
        (FUNCTION, {"host": "localhost"}),
        (FUNCTION, {"user": "somebody"}),
        (replace(FUNCTION, access_key="ASIAOTHER"), {}),
        (replace(FUNCTION, secret_key="another"), {}),
        (replace(FUNCTION, token="another"), {}),
        (replace(FUNCTION, token=None), {}),
    ],
    ids=["port", "host", "role", "access key", "secret key", "session token", "no session token"],
)
def test_a_token_for_something_else_or_of_somebody_else_is_refused(
    start: Start, signer: Credentials, changes: dict[str, Any]
) -> None:
    endpoint = start()
    given: dict[str, Any] = {"host": HOST, "port": endpoint.port, "user": ROLE} | changes
    state, told = refusal(lambda: log_in(endpoint, database_token(aws(signer), **given)))
    assert state == "28000"
    assert told.startswith(f"The IAM authentication failed for the role {ROLE}.")


@pytest.mark.parametrize("minutes", [-16, 10])
def test_a_token_that_is_over_or_not_yet_good_is_refused(start: Start, minutes: int) -> None:
    endpoint = start()
    moment = aws().now() + timedelta(minutes=minutes)
    token = database_token(replace(aws(), now=lambda: moment), host=HOST, port=endpoint.port, user=ROLE)
    assert refusal(lambda: log_in(endpoint, token))[0] == "28000"


def test_a_token_of_another_region_or_that_was_changed_and_a_password_are_refused(start: Start) -> None:
    endpoint = start()
    foreign = database_token(replace(aws(), region="us-west-2"), host=HOST, port=endpoint.port, user=ROLE)
    longer = good(endpoint).replace("X-Amz-Expires=900", "X-Amz-Expires=90000")
    for token in (foreign, longer, "of the proxy alone", ""):
        assert refusal(lambda: log_in(endpoint, token))[0] == "28000"  # noqa: B023


def test_an_open_session_outlives_its_token_but_a_database_that_is_not_there_is_refused(
    start: Start, client: Clients
) -> None:
    endpoint = start()
    told = refusal(lambda: log_in(endpoint, good(endpoint), database="nowhere"))
    assert told == ("3D000", 'Request returned an error: database "nowhere" does not exist')


def test_what_is_no_postgresql_at_all_is_refused_and_does_not_stop_the_proxy(start: Start, client: Clients) -> None:
    endpoint = start()
    for junk in (b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08\0\0\0\0", b""):
        with socket.create_connection((HOST, endpoint.port), timeout=5) as lost:
            lost.sendall(junk)
            lost.shutdown(socket.SHUT_WR)
            while lost.recv(1000):
                pass
    assert client(endpoint).run("SELECT 1") == [[1]]


def test_the_endpoint_of_a_url_is_what_the_token_is_signed_for(start: Start) -> None:
    url = urlsplit((endpoint := start()).url(ROLE, "postgres"))
    assert (url.hostname, url.port, url.username, url.password) == (HOST, endpoint.port, ROLE, None)

"""Credentials from the environment, and from a container endpoint as with SnapStart."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mediagen.aws.credentials import Credentials, CredentialSource, from_container, from_environment
from mediagen.aws.errors import AwsError

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
IN_ONE_HOUR = NOW + timedelta(hours=1)


@dataclass
class Endpoint:
    """Issues numbered keys that expire in an hour, to requests with the token."""

    url: str = ""
    token: str | None = "Bearer secret"
    status: int = 200
    body: bytes | None = None
    asked: int = 0
    environ: dict[str, str] = field(default_factory=dict)

    def answer(self, token: str | None) -> tuple[int, bytes]:
        self.asked += 1
        if token != self.token:
            return 403, b'{"message": "wrong token"}'
        keys = {
            "AccessKeyId": f"ASIA{self.asked}",
            "SecretAccessKey": "very-secret",
            "Token": "session",
            "Expiration": "2026-11-22T18:00:00Z",
        }
        return self.status, self.body if self.body is not None else json.dumps(keys).encode()


@dataclass
class Clock:
    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = state.answer(self.headers["Authorization"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.environ = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer secret",
    }
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_environment_of_a_function_holds_temporary_keys() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    assert from_environment(environ) == Credentials("a", "s", "t")


def test_an_empty_session_token_is_none() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": ""}
    assert from_environment(environ) == Credentials("a", "s", None)


def test_without_keys_and_endpoint_there_are_no_credentials() -> None:
    with pytest.raises(AwsError) as caught:
        CredentialSource({}, Clock())()
    assert caught.value.code == "NoCredentials"


def test_secrets_are_not_shown(endpoint: Endpoint) -> None:
    source = CredentialSource(endpoint.environ, Clock())
    assert "very-secret" not in repr(source())
    assert "very-secret" not in repr(source)


def test_the_endpoint_is_asked_when_the_environment_has_no_keys(endpoint: Endpoint) -> None:
    credentials = CredentialSource(endpoint.environ, Clock())()
    assert credentials == Credentials("ASIA1", "very-secret", "session", IN_ONE_HOUR)


def test_keys_of_the_environment_come_first(endpoint: Endpoint) -> None:
    environ = {**endpoint.environ, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
    assert CredentialSource(environ, Clock())().access_key == "a"
    assert endpoint.asked == 0


def test_the_token_file_comes_before_the_token_and_is_read_each_time(endpoint: Endpoint, tmp_path: Path) -> None:
    file = tmp_path / "token"
    environ = {**endpoint.environ, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}
    for token in ("first", "second"):
        file.write_text(f"{token}\n")
        endpoint.token = token
        assert from_container(environ).token == "session"


def test_a_wrong_token_is_refused(endpoint: Endpoint) -> None:
    endpoint.token = "Bearer another"
    with pytest.raises(AwsError) as caught:
        CredentialSource(endpoint.environ, Clock())()
    assert caught.value.status == 403


def test_credentials_are_kept_until_five_minutes_before_they_expire(endpoint: Endpoint) -> None:
    clock = Clock()
    source = CredentialSource(endpoint.environ, clock)
    assert source().access_key == "ASIA1"
    clock.moment = IN_ONE_HOUR - timedelta(minutes=5, seconds=1)
    assert source().access_key == "ASIA1"
    clock.moment = IN_ONE_HOUR - timedelta(minutes=5)
    assert source().access_key == "ASIA2"


def test_credentials_that_cannot_be_renewed_are_used_until_they_expire(endpoint: Endpoint) -> None:
    clock = Clock()
    source = CredentialSource(endpoint.environ, clock)
    source()
    endpoint.status = 500
    clock.moment = IN_ONE_HOUR - timedelta(seconds=1)
    assert source().access_key == "ASIA1"
    clock.moment = IN_ONE_HOUR
    with pytest.raises(AwsError):
        source()


def test_threads_that_ask_at_once_share_one_answer(endpoint: Endpoint) -> None:
    source = CredentialSource(endpoint.environ, Clock())
    threads = [threading.Thread(target=source) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert endpoint.asked == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"SecretAccessKey": "very-secret"}', b"very-secret"])
def test_an_unreadable_answer_is_an_error_that_does_not_quote_it(endpoint: Endpoint, body: bytes) -> None:
    endpoint.body = body
    with pytest.raises(AwsError) as caught:
        from_container(endpoint.environ)
    assert caught.value.code == "BadCredentials"
    assert "very-secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com", "user@example.com", "10.0.0.1"])
def test_the_token_is_not_sent_to_another_host_without_tls(host: str) -> None:
    with pytest.raises(AwsError, match="https"):
        from_container({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{host}/credentials"})

"""The proxy's login: the verifier that PostgreSQL gets instead of the password, and the choice between two writers."""

import hashlib
import hmac
import re
from base64 import b64decode
from typing import Any

import pytest

from apply_migrations.login import LoginRefused, check, prepare_proxy_login, scram_verifier
from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import Login

ROLE = "vsl_media_proxy"
SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
MESSAGE = f"n=user,r={NONCE[:20]},r={NONCE},s={SALT},i=4096,c=biws,r={NONCE}".encode()
PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
SERVER_SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
EMPTY = AwsError("ResourceNotFoundException", 400, "no value for staging label AWSCURRENT")
DENIED = AwsError("AccessDeniedException", 400, "not for you")


class Willing:
    """A connection that accepts everything."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def run(self, sql: str, **_parameters: Any) -> Any:
        self.sent.append(sql)


class Secret:
    """An unreadable secret; `faster` is the value that another writer stored between our read and our write."""

    def __init__(self, error: AwsError, faster: Login | None = None) -> None:
        self._error, self._faster = error, faster
        self.login: Login | None = None

    def read(self) -> Login:
        if self.login is None:
            raise self._error
        return self.login

    def fill(self, login: Login) -> None:
        self.login = self._faster or login


def test_the_verifier_proves_the_example_of_rfc_7677() -> None:
    """Section 3: the stored keys verify the client's proof, and sign the server's answer as in the example."""
    kept = scram_verifier("pencil", salt=b64decode(SALT))
    mechanism, iterations, stored_key, server_key = re.split(r"[$:]", kept.replace(f":{SALT}", "", 1))
    assert (mechanism, iterations) == ("SCRAM-SHA-256", "4096")
    signature = hmac.digest(b64decode(stored_key), MESSAGE, "sha256")
    client_key = bytes(a ^ b for a, b in zip(b64decode(PROOF), signature, strict=True))
    assert hashlib.sha256(client_key).digest() == b64decode(stored_key)
    assert hmac.digest(b64decode(server_key), MESSAGE, "sha256") == b64decode(SERVER_SIGNATURE)


def test_the_same_password_looks_different_with_another_salt() -> None:
    assert scram_verifier("pencil", salt=bytes(16)) != scram_verifier("pencil", salt=bytes([1] * 16))


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        (Login("vsl_access_proxy", "hunter2"), "must be of the user vsl_media_proxy"),
        (Login("vsl_media_proxy; DROP ROLE vsl_app", "hunter2"), "must be of the user vsl_media_proxy"),
        (Login(ROLE, ""), "must be ASCII"),
        (Login(ROLE, "Schlüssel"), "must be ASCII"),
    ],
)
def test_a_login_that_is_not_the_proxys_is_refused_without_telling_it(login: Login, reason: str) -> None:
    with pytest.raises(LoginRefused, match=reason) as caught:
        check(ROLE, login)
    assert not login.password or login.password not in str(caught.value)


def test_the_password_of_the_faster_writer_wins() -> None:
    secret, connection = Secret(EMPTY, faster=Login(ROLE, "faster")), Willing()
    prepare_proxy_login(ROLE, secret, connection, random=bytes)
    assert scram_verifier("faster", salt=bytes(16)) in connection.sent[-2]


def test_a_secret_that_cannot_be_read_is_not_overwritten() -> None:
    secret = Secret(DENIED)
    with pytest.raises(AwsError):
        prepare_proxy_login(ROLE, secret, Willing())
    assert secret.login is None


@pytest.mark.parametrize("role", ["vsl_proxy", "vsl_owner", "vsl_media_proxy; DROP ROLE vsl_app", "vsl_Media_proxy"])
def test_a_role_of_another_name_is_refused(role: str) -> None:
    connection = Willing()
    with pytest.raises(LoginRefused, match="vsl_<group>_proxy"):
        prepare_proxy_login(role, Secret(EMPTY), connection)
    assert connection.sent == []

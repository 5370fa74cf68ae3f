"""Logins of the RDS Proxy: one role for each group of functions (ADR 36), with a password, since the proxy logs in with
one and members of rds_iam cannot.

The password is made once and kept in Secrets Manager, where the proxy reads it. It is never changed here: whoever puts
another into the secret runs the migrations again. PostgreSQL is sent the verifier of RFC 5802 and 7677 instead, as
https://www.postgresql.org/docs/current/catalog-pg-authid.html stores it, so that the password is in no log.
"""

import hashlib
import hmac
import re
import secrets
from base64 import b64encode
from collections.abc import Callable
from typing import Protocol

from apply_migrations.flow import Connection, one_at_a_time
from mediagen import log
from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import Login
from mediagen.errors.text import SafeMessage

_ROLE = re.compile(r"(vsl_[a-z]+)_proxy")
ITERATIONS = 4096  # PostgreSQL's own number; a password of 256 random bits needs no more
_CREATE = """
DO $$ BEGIN
    CREATE ROLE {role};
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- roles belong to the server, not to the database
END $$
"""


class LoginRefused(SafeMessage, Exception):
    """The secret holds a login that is not the proxy's."""


class Secret(Protocol):
    """The secret that the proxy reads."""

    def read(self) -> Login:
        """Return the login. Raises AwsError, whose `is_not_found` says that the secret is empty."""

    def fill(self, login: Login) -> None:
        """Store the first login. Does nothing if there is one."""


def prepare_proxy_login(
    role: str, secret: Secret, connection: Connection, *, random: Callable[[int], bytes] = secrets.token_bytes
) -> None:
    """Let the proxy log in as `vsl_<group>_proxy` with the secret's login and the permissions of that group."""
    rights = _rights(role)
    with one_at_a_time(connection):
        login = _login(role, secret, random)
        check(role, login)
        # Each may be repeated, and only the last one allows the login: the next run completes an interrupted one.
        connection.run(_CREATE.format(role=role))
        connection.run(f"GRANT {rights} TO {role}")
        connection.run(f"ALTER ROLE {role} LOGIN PASSWORD '{scram_verifier(login.password, salt=random(16))}'")
    log.event("proxy_login.ready", metadata={"role": role})


def check(role: str, login: Login) -> None:
    """Check that this is the proxy's login. Raises LoginRefused."""
    if login.user != role:
        raise LoginRefused(f"the secret of the proxy's login must be of the user {role}")
    if not login.password or not login.password.isascii():
        raise LoginRefused("the password of the proxy must be ASCII")  # any other would have to be normalized first


def scram_verifier(password: str, *, salt: bytes) -> str:
    """Compute the verifier that PostgreSQL stores for an ASCII password."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _rights(role: str) -> str:
    match = _ROLE.fullmatch(role)
    if match is None:
        raise LoginRefused("a role of the proxy is named vsl_<group>_proxy")
    return f"{match[1]}_rights"


def _login(role: str, secret: Secret, random: Callable[[int], bytes]) -> Login:
    try:
        return secret.read()
    except AwsError as error:
        if not error.is_not_found:
            raise
    secret.fill(Login(role, random(32).hex()))
    return secret.read()  # another run may have stored it first


def _text(octets: bytes) -> str:
    return b64encode(octets).decode()

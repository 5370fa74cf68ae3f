"""Accept a client: TLS, the parameters of its start-up message, and its token.

Texts of errors: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html
Their SQLSTATEs are not documented but for 0A000, which is that of "feature not supported" in PostgreSQL.
"""

import asyncio
import ssl
from collections.abc import Collection

from rds_proxy import messages
from rds_proxy.backend import Target
from rds_proxy.messages import CLEAR_TEXT_PASSWORD, Refused
from rds_proxy.tokens import TokenRefused, Verifier

ALLOWED = {"user", "database", "application_name", "client_encoding"}


async def secure(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: ssl.SSLContext
) -> dict[str, str] | None:
    """Speak TLS with a client and read its start-up message; None if it does not want to log in. Raises Refused."""
    is_secure = False
    while True:
        code, body = await messages.read_startup(reader)
        if code == messages.CANCEL_REQUEST:
            return None  # RDS Proxy does not support it
        if code == messages.GSS_REQUEST:
            writer.write(b"N")
        elif code == messages.SSL_REQUEST and not is_secure:
            writer.write(b"S")
            await writer.start_tls(tls)
            is_secure = True
        elif code != messages.PROTOCOL_3_0:
            raise Refused("0A000", _unsupported("supports only version 3.0 of the PostgreSQL messaging protocol"))
        elif not is_secure:
            raise Refused("28000", "This RDS Proxy requires TLS connections.")
        else:
            return messages.parameters_of(body)


def target_of(parameters: dict[str, str]) -> Target:
    """Return the role and the database of a start-up message. Raises Refused."""
    if not parameters.get("user"):
        missing = "A user name is missing from the connection startup packet. Provide a user name for this connection."
        raise Refused("28000", missing)
    if "replication" in parameters:
        raise Refused("0A000", _unsupported("currently doesn't support streaming replication mode"))
    if "options" in parameters:
        raise Refused("0A000", _unsupported("currently doesn't support command-line options"))
    for name, value in parameters.items():
        if name not in ALLOWED or (name == "client_encoding" and value.upper() not in ("UTF8", "UTF-8")):
            raise Refused("0A000", _unsupported(f"currently doesn't support the option {name}"))
    return parameters["user"], parameters.get("database") or parameters["user"]


async def authenticate(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    user: str,
    *,
    roles: Collection[str],
    verifier: Verifier,
) -> None:
    """Ask for a token in clear text and verify it. Raises Refused."""
    writer.write(CLEAR_TEXT_PASSWORD)
    message = await messages.read(reader)
    if message.kind != b"p":
        raise Refused("08P01", "expected a password")
    if user not in roles:
        told = (
            f"This RDS proxy has no credentials for the role {user}. Check the credentials for this role and try again."
        )
        raise Refused("28000", told)
    try:
        verifier.verify(message.texts()[0], user)
    except (TokenRefused, ValueError) as refused:
        told = f"The IAM authentication failed for the role {user}. Check the IAM token for this role and try again."
        raise Refused("28000", told) from refused


def _unsupported(what: str) -> str:
    return f"Feature not supported: RDS Proxy {what}."

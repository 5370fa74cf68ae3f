"""The double of RDS Proxy in front of the tests' PostgreSQL."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mediagen.aws.credentials import Credentials
from rds_proxy.certificates import Authority
from rds_proxy.server import HOST, Report, Settings, running_proxy
from rds_proxy.tokens import Secret, Verifier


@dataclass(frozen=True)
class Endpoint:
    """A running proxy: its port, the root of its certificate, and its reports."""

    port: int
    root: Path
    report: Report

    def url(self, user: str, database: str) -> str:
        """Return the URL with which a function logs in here."""
        return f"postgresql://{user}@{HOST}:{self.port}/{database}?iam=true&sslrootcert={self.root}"


@contextmanager
def proxied(
    server: str, passwords: Mapping[str, str], signer: Credentials, region: str, folder: Path, **limits: float
) -> Iterator[Endpoint]:
    """Run a proxy in front of the server of a URL, for the tokens of one signer."""
    authority, parts = Authority(folder), urlsplit(server)
    secret = Secret(signer.secret_key, signer.token)
    with socket.create_server((HOST, 0), backlog=200) as listening:
        port = listening.getsockname()[1]
        verifier = Verifier(HOST, port, region, {signer.access_key: secret}.get)
        settings = Settings(
            parts.hostname or "",
            parts.port or 0,
            passwords,
            authority.server(HOST),
            **limits,  # type: ignore[arg-type]
        )
        with running_proxy(listening, settings, verifier) as report:
            yield Endpoint(port, authority.root, report)

"""Handler of `apply_migrations`."""

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apply_migrations.flow import apply_migrations, read_migrations
from apply_migrations.limits import limit_sessions
from apply_migrations.login import prepare_proxy_login
from mediagen import worker
from mediagen.aws.secrets import LoginSecret
from mediagen.aws.settings import aws
from mediagen.http import edge
from mediagen.records.database import connect
from mediagen.settings import read_settings
from mediagen.wiring import clients, preload

preload.load("pg8000", "urllib3")

FOLDER = Path(__file__).parent / "migrations"  # put here by the build
STATEMENT_SECONDS = 240  # of the function's 300: waiting for the lock, building an index


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function. `proxy_login_secrets` is JSON: the secret of each role of the proxy."""

    owner_database_url_parameter: str
    proxy_login_secrets: str | None


def lambda_handler(_event: edge.Event, _context: Any) -> dict[str, Any]:
    """Apply the migrations of this package."""
    return worker.task("apply_migrations", run)


def run() -> dict[str, Any]:
    """Connect as the owner and migrate. Then limit sessions and, if there is a proxy, prepare its logins."""
    settings = read_settings(Settings)
    url = clients.secrets().parameter(settings.owner_database_url_parameter)
    with closing(connect(url, statement_seconds=STATEMENT_SECONDS)) as connection:
        answer = apply_migrations(read_migrations(FOLDER), connection)
        limit_sessions(connection)
        logins = json.loads(settings.proxy_login_secrets or "{}")
        for role, secret in logins.items():
            prepare_proxy_login(role, LoginSecret(aws(), secret), connection)
    return answer | ({"proxyLogins": list(logins)} if logins else {})

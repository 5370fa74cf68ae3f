"""apply_migrations, invoked as the deployer does."""

import json
from collections.abc import Callable, Iterator

import pytest

from apply_migrations import handler
from integration.databases import MIGRATIONS, as_user, connected, new_database
from integration.flows.cloud import OWNER_DATABASE, PROXY_LOGINS
from integration.flows.world import World
from mediagen.aws.secrets import LoginSecret
from mediagen.aws.settings import aws
from mediagen.worker import TaskFailed

NAMES = sorted(path.name for path in MIGRATIONS.iterdir())


@pytest.fixture
def fresh(world: World, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Point the function at an empty database."""
    url = new_database(postgres)
    world.cloud.parameter(OWNER_DATABASE, url)
    monkeypatch.setattr(handler, "FOLDER", MIGRATIONS)  # where the build puts them
    yield url


def test_the_deployer_gets_the_list_of_applied_migrations(fresh: str) -> None:
    assert handler.lambda_handler({}, None) == {"applied": NAMES, "alreadyApplied": 0}
    with connected(fresh) as connection:
        assert connection.run("SELECT count(*) FROM schema_migrations") == [[len(NAMES)]]


def test_a_second_call_applies_nothing(fresh: str) -> None:
    handler.lambda_handler({}, None)
    assert handler.lambda_handler({}, None) == {"applied": [], "alreadyApplied": len(NAMES)}


def test_if_there_is_a_proxy_its_logins_are_ready_then(fresh: str, restart: Callable[..., None]) -> None:
    restart(PROXY_LOGIN_SECRETS=json.dumps(PROXY_LOGINS))
    answer = handler.lambda_handler({}, None)
    assert answer == {"applied": NAMES, "alreadyApplied": 0, "proxyLogins": list(PROXY_LOGINS)}
    for role, secret in PROXY_LOGINS.items():
        login = LoginSecret(aws(), secret).read()
        table = "users" if role == "vsl_access_proxy" else "jobs"
        with connected(as_user(fresh, login.user, login.password)) as proxy:
            assert proxy.run(f"SELECT current_user, count(*) FROM {table}") == [[role, 0]]
        with connected(fresh) as owner:
            owner.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_the_functions_login_cannot_migrate(world: World, application_url: str, fresh: str) -> None:
    world.cloud.parameter(OWNER_DATABASE, application_url)
    with pytest.raises(TaskFailed, match="42501"):
        handler.lambda_handler({}, None)

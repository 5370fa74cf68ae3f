"""The RDS Proxy's login: created once, consistent with its secret, and sufficient for all functions."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from pg8000.exceptions import DatabaseError

from apply_migrations.login import LoginRefused, prepare_proxy_login
from integration.databases import as_user, connected
from integration.stores.statements import Watched, use_jobs
from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import LoginSecret
from mediagen.aws.settings import Aws
from mediagen.cache.cache import Cache
from mediagen.records.database import connect

ROLE = "vsl_jobs_proxy"
RUNS = 3


class Crash(Exception):
    """The function crashed."""


@dataclass
class Recorder:
    """A connection that records its statements, and may break before one of them."""

    connection: Any
    breaks_before: str = "never"
    sent: list[str] = field(default_factory=list)

    def run(self, sql: str, **parameters: Any) -> Any:
        if self.breaks_before in sql:
            raise Crash
        self.sent.append(sql)
        return self.connection.run(sql, **parameters)


@pytest.fixture
def connection(migrated: str, sql: Any) -> Iterator[Any]:
    with connected(migrated) as owner:
        yield owner
        owner.run(f"DROP ROLE IF EXISTS {ROLE}")


@pytest.fixture
def secret(moto: Aws, boto: Callable[..., Any]) -> LoginSecret:
    """Create a secret without a value, as Terraform does."""
    name = f"test-{uuid4().hex[:12]}"
    boto(moto, "secretsmanager").create_secret(Name=name)
    return LoginSecret(moto, name)


@pytest.fixture
def put(secret: LoginSecret, boto: Callable[..., Any]) -> Callable[[str, str], None]:
    """Put a login into the secret, as an operator does."""

    def write(user: str, password: str) -> None:
        text = json.dumps({"username": user, "password": password})
        boto(secret.aws, "secretsmanager").put_secret_value(SecretId=secret.secret_id, SecretString=text)

    return write


@pytest.fixture
def versions(secret: LoginSecret, boto: Callable[..., Any]) -> Callable[[], int]:
    client = boto(secret.aws, "secretsmanager")
    return lambda: len(client.list_secret_version_ids(SecretId=secret.secret_id, IncludeDeprecated=True)["Versions"])


@pytest.fixture
def enter(migrated: str) -> Callable[[str], str]:
    """Log in as the proxy does and return the current role."""

    def who(password: str) -> str:
        with closing(connect(as_user(migrated, ROLE, password))) as proxy:
            return str(proxy.run("SELECT current_user")[0][0])

    return who


def test_an_empty_secret_is_filled_and_its_login_opens_the_database(
    secret: LoginSecret, connection: Any, enter: Callable[[str], str]
) -> None:
    prepare_proxy_login(ROLE, secret, connection)
    login = secret.read()
    assert (login.user, enter(login.password)) == (ROLE, ROLE)
    with pytest.raises(DatabaseError):
        enter("another")


def test_the_proxy_may_do_what_the_functions_of_its_group_may(
    secret: LoginSecret, connection: Any, migrated: str, cache: Cache, user_id: str
) -> None:
    prepare_proxy_login(ROLE, secret, connection)
    url = as_user(migrated, ROLE, secret.read().password)
    with closing(Watched(lambda: url)) as database:
        use_jobs(database, cache, user_id)
        assert database.refusals == []
        database.run("DELETE FROM jobs")
        assert database.refusals == ["42501"]


def test_another_run_changes_nothing(
    secret: LoginSecret, connection: Any, enter: Callable[[str], str], versions: Callable[[], int]
) -> None:
    prepare_proxy_login(ROLE, secret, connection)
    password = secret.read().password
    prepare_proxy_login(ROLE, secret, connection)
    assert (secret.read().password, enter(password), versions()) == (password, ROLE, 1)


def test_a_password_stored_by_another_writer_is_used(
    secret: LoginSecret, connection: Any, enter: Callable[[str], str], put: Callable[[str, str], None]
) -> None:
    prepare_proxy_login(ROLE, secret, connection)
    put(ROLE, "rotated by hand")
    prepare_proxy_login(ROLE, secret, connection)
    assert enter("rotated by hand") == ROLE


@pytest.mark.parametrize("step", ["CREATE ROLE", "GRANT vsl_jobs_rights", "ALTER ROLE"])
def test_a_run_after_a_crash_goes_on_with_the_same_password(
    secret: LoginSecret, connection: Any, enter: Callable[[str], str], versions: Callable[[], int], step: str
) -> None:
    with pytest.raises(Crash):
        prepare_proxy_login(ROLE, secret, Recorder(connection, breaks_before=step))
    password = secret.read().password
    with pytest.raises(DatabaseError):
        enter(password)
    prepare_proxy_login(ROLE, secret, connection)
    assert (secret.read().password, enter(password), versions()) == (password, ROLE, 1)


def test_runs_at_one_time_agree_on_a_password(
    secret: LoginSecret, connection: Any, migrated: str, enter: Callable[[str], str], versions: Callable[[], int]
) -> None:
    barrier = Barrier(RUNS)

    def run(_: int) -> None:
        with connected(migrated) as own:
            barrier.wait()
            prepare_proxy_login(ROLE, secret, own)

    with ThreadPoolExecutor(RUNS) as pool:
        assert len(list(pool.map(run, range(RUNS)))) == RUNS
    assert (enter(secret.read().password), versions()) == (ROLE, 1)


def test_postgresql_never_receives_the_password(
    secret: LoginSecret, connection: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = Recorder(connection)
    prepare_proxy_login(ROLE, secret, recorder)
    password = secret.read().password
    assert len(password) == 64
    for told in (*recorder.sent, *capsys.readouterr()):
        assert password not in told
    [[stored]] = connection.run(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{ROLE}'")
    assert f"PASSWORD '{stored}'" in recorder.sent[-2]


def test_another_login_is_refused_and_creates_no_role(
    secret: LoginSecret, connection: Any, put: Callable[[str, str], None]
) -> None:
    put("vsl_owner", "a password")
    with pytest.raises(LoginRefused, match="must be of the user vsl_jobs_proxy"):
        prepare_proxy_login(ROLE, secret, connection)
    assert connection.run(f"SELECT to_regrole('{ROLE}')") == [[None]]


def test_a_secret_that_does_not_exist_is_an_error(moto: Aws, connection: Any) -> None:
    with pytest.raises(AwsError) as caught:
        prepare_proxy_login(ROLE, LoginSecret(moto, "test-no-such-secret"), connection)
    assert caught.value.is_not_found

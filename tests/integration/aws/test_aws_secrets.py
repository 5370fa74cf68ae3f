"""Secrets and parameters, on both emulators."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import Login, LoginSecret, LoginUnreadable, Secrets
from mediagen.aws.settings import Aws


@dataclass
class Clock:
    """The real time plus an offset set by the test, because a signature of another day would be refused."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secrets(aws: Aws, clock: Clock) -> Secrets:
    return Secrets(replace(aws, now=clock), kept_seconds=60)


@pytest.fixture
def parameter(aws: Aws, boto: Callable[..., Any], name: str) -> Callable[[str], None]:
    def write(value: str) -> None:
        boto(aws, "ssm").put_parameter(Name=f"/{name}/url", Value=value, Type="SecureString", Overwrite=True)

    return write


def test_a_parameter_is_read_decrypted(secrets: Secrets, parameter: Callable[[str], None], name: str) -> None:
    parameter("postgresql://user@db/vsl?sslmode=verify-full")
    assert secrets.parameter(f"/{name}/url") == "postgresql://user@db/vsl?sslmode=verify-full"


def test_a_secret_shows_when_its_value_replaced_another(
    secrets: Secrets, aws: Aws, boto: Callable[..., Any], name: str
) -> None:
    boto(aws, "secretsmanager").create_secret(Name=name)
    boto(aws, "secretsmanager").put_secret_value(SecretId=name, SecretString="first")
    assert secrets.replaced_at(name) is None
    boto(aws, "secretsmanager").put_secret_value(SecretId=name, SecretString="second")
    replaced_at = secrets.replaced_at(name)
    assert replaced_at is not None
    assert abs(datetime.now(UTC) - replaced_at) < timedelta(minutes=1)


def test_a_secret_is_read_as_text(secrets: Secrets, aws: Aws, boto: Callable[..., Any], name: str) -> None:
    boto(aws, "secretsmanager").create_secret(Name=name, SecretString="whsec_a whsec_b")
    assert secrets.secret(name) == "whsec_a whsec_b"


def test_a_value_is_kept_for_a_while_and_then_read_again(
    secrets: Secrets, parameter: Callable[[str], None], clock: Clock, name: str
) -> None:
    parameter("old")
    assert secrets.parameter(f"/{name}/url") == "old"
    parameter("new")
    clock.ahead = timedelta(seconds=30)
    assert secrets.parameter(f"/{name}/url") == "old"
    clock.ahead = timedelta(seconds=61)
    assert secrets.parameter(f"/{name}/url") == "new"


def test_a_secret_and_a_parameter_of_one_name_are_two_values(
    secrets: Secrets, aws: Aws, boto: Callable[..., Any], name: str
) -> None:
    boto(aws, "ssm").put_parameter(Name=name, Value="parameter", Type="SecureString")
    boto(aws, "secretsmanager").create_secret(Name=name, SecretString="secret")
    assert (secrets.parameter(name), secrets.secret(name)) == ("parameter", "secret")


def test_a_missing_secret_is_an_error_each_time(secrets: Secrets, parameter: Callable[[str], None], name: str) -> None:
    with pytest.raises(AwsError) as caught:
        secrets.parameter(f"/{name}/url")
    assert caught.value.is_not_found
    parameter("now there")
    assert secrets.parameter(f"/{name}/url") == "now there"


def test_a_missing_secret_is_an_error(secrets: Secrets, name: str) -> None:
    with pytest.raises(AwsError) as caught:
        secrets.secret(name)
    assert caught.value.is_not_found


def test_a_cached_secret_is_not_in_its_repr(secrets: Secrets, parameter: Callable[[str], None], name: str) -> None:
    parameter("very-secret")
    secrets.parameter(f"/{name}/url")
    assert "very-secret" not in repr(secrets)


@pytest.fixture
def empty(aws: Aws, boto: Callable[..., Any], name: str) -> LoginSecret:
    """Create a secret without a value, as Terraform does."""
    boto(aws, "secretsmanager").create_secret(Name=name)
    return LoginSecret(aws, name)


def test_an_empty_secret_is_filled(empty: LoginSecret) -> None:
    empty.fill(Login("user", 'pass"wörd'))
    assert empty.read() == Login("user", 'pass"wörd')


def test_a_login_is_written_as_rds_reads_it(empty: LoginSecret, aws: Aws, boto: Callable[..., Any]) -> None:
    empty.fill(Login("user", "password"))
    text = boto(aws, "secretsmanager").get_secret_value(SecretId=empty.secret_id)["SecretString"]
    assert json.loads(text) == {"username": "user", "password": "password"}


def test_a_login_is_never_kept(empty: LoginSecret, aws: Aws, boto: Callable[..., Any]) -> None:
    for password in ("one", "two"):
        text = json.dumps({"username": "user", "password": password, "engine": "postgres"})
        boto(aws, "secretsmanager").put_secret_value(SecretId=empty.secret_id, SecretString=text)
        assert empty.read() == Login("user", password)


def test_a_secret_without_a_login_is_reported_as_invalid(
    secrets: Secrets, aws: Aws, boto: Callable[..., Any], name: str
) -> None:
    boto(aws, "secretsmanager").create_secret(Name=name, SecretBinary=b"very-secret")
    with pytest.raises(LoginUnreadable) as caught:
        LoginSecret(aws, name).read()
    assert "very-secret" not in str(caught.value)


# Not on MiniStack: it returns a value for an empty secret, and lets a second value reuse the first's token.
def test_an_empty_secret_is_not_found(moto: Aws, boto: Callable[..., Any], name: str) -> None:
    boto(moto, "secretsmanager").create_secret(Name=name)
    with pytest.raises(AwsError) as caught:
        LoginSecret(moto, name).read()
    assert caught.value.is_not_found


def test_of_two_first_logins_one_counts_for_both(moto: Aws, boto: Callable[..., Any], name: str) -> None:
    boto(moto, "secretsmanager").create_secret(Name=name)
    for password in ("one", "two", "one"):
        LoginSecret(moto, name).fill(Login("user", password))
    assert LoginSecret(moto, name).read() == Login("user", "one")


def test_a_fill_that_is_refused_is_an_error(aws: Aws, name: str) -> None:
    with pytest.raises(AwsError) as caught:
        LoginSecret(aws, name).fill(Login("user", "password"))
    assert caught.value.is_not_found


def test_a_login_is_not_shown() -> None:
    assert "very-secret" not in repr(Login("user", "very-secret"))

"""Secrets and parameters, on both emulators."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import Secrets
from mediagen.aws.settings import Aws


@dataclass
class Clock:
    """The real time, and what a test adds to it: a signature of another day would be refused."""

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


def test_what_is_missing_is_an_error_each_time(secrets: Secrets, parameter: Callable[[str], None], name: str) -> None:
    with pytest.raises(AwsError) as caught:
        secrets.parameter(f"/{name}/url")
    assert caught.value.is_not_found
    parameter("now there")
    assert secrets.parameter(f"/{name}/url") == "now there"


def test_a_missing_secret_is_an_error(secrets: Secrets, name: str) -> None:
    with pytest.raises(AwsError) as caught:
        secrets.secret(name)
    assert caught.value.is_not_found


def test_what_is_kept_is_not_shown(secrets: Secrets, parameter: Callable[[str], None], name: str) -> None:
    parameter("very-secret")
    secrets.parameter(f"/{name}/url")
    assert "very-secret" not in repr(secrets)

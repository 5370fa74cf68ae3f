"""Settings from the environment."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from mediagen.settings import InvalidSettings, StoreUrl, read_settings


@dataclass(frozen=True, slots=True)
class Base:
    """Settings that two functions share."""

    job_table: str
    models: str


@dataclass(frozen=True, slots=True)
class Settings(Base):
    """Settings of one function."""

    limit_per_hour: int


GOOD = {"JOB_TABLE": "jobs", "MODELS": "{}", "LIMIT_PER_HOUR": "100", "PATH": "/bin"}


def test_a_field_is_the_variable_of_its_name() -> None:
    assert read_settings(Settings, GOOD) == Settings("jobs", "{}", 100)


def test_all_that_is_missing_or_malformed_is_named_at_once() -> None:
    with pytest.raises(InvalidSettings) as caught:
        read_settings(Settings, {"LIMIT_PER_HOUR": "many", "MODELS": ""})
    assert str(caught.value) == "JOB_TABLE is missing; MODELS is missing; LIMIT_PER_HOUR must be a whole number"


@pytest.mark.parametrize("text", ["-1", "1.5", " 1", "1e3", "0x10", "1_000"])
def test_a_number_is_written_with_digits_only(text: str) -> None:
    with pytest.raises(InvalidSettings, match="LIMIT_PER_HOUR"):
        read_settings(Settings, GOOD | {"LIMIT_PER_HOUR": text})


def test_values_are_never_in_the_message() -> None:
    with pytest.raises(InvalidSettings) as caught:
        read_settings(Settings, GOOD | {"LIMIT_PER_HOUR": "hunter2"})
    assert "hunter2" not in str(caught.value)


@dataclass(frozen=True, slots=True)
class Optional:
    """Optional settings."""

    job_table: str
    proxy_secret: str | None


@pytest.mark.parametrize(("given", "read"), [({}, None), ({"PROXY_SECRET": ""}, None), ({"PROXY_SECRET": "a"}, "a")])
def test_a_missing_optional_setting_is_none(given: dict[str, str], read: str | None) -> None:
    assert read_settings(Optional, GOOD | given) == Optional("jobs", read)
    with pytest.raises(InvalidSettings, match=r"^JOB_TABLE is missing$"):
        read_settings(Optional, given)


def test_the_environment_of_the_process_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert read_settings(Settings).limit_per_hour == 100


@dataclass(frozen=True, slots=True)
class Limits:
    """Optional numbers."""

    jobs: int | None
    budget: Decimal | None


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, Limits(None, None)),
        ({"JOBS": "", "BUDGET": ""}, Limits(None, None)),
        ({"JOBS": "5", "BUDGET": "12.50"}, Limits(5, Decimal("12.5"))),
        ({"JOBS": "5", "BUDGET": "0"}, Limits(5, Decimal(0))),
    ],
)
def test_figures_that_may_be_missing_are_none_then(given: dict[str, str], read: Limits) -> None:
    assert read_settings(Limits, given) == read


@pytest.mark.parametrize("text", ["-1", "1e3", "NaN", "Infinity", ".5", "1.", "1,5", " 1"])
def test_an_amount_is_written_with_digits_and_at_most_a_point(text: str) -> None:
    with pytest.raises(InvalidSettings, match="JOBS must be a whole number; BUDGET must be a number"):
        read_settings(Limits, {"JOBS": "1.5", "BUDGET": text})


@dataclass(frozen=True, slots=True)
class Stores:
    """URLs of a function's stores."""

    database_url: StoreUrl
    redis_url: StoreUrl


def test_a_store_is_found_by_its_url_or_by_the_parameter_that_holds_it() -> None:
    given = {"DATABASE_URL": "postgresql://vsl@db/vsl?iam=true", "REDIS_URL_PARAMETER": "/vsl-test/redis-url"}
    read = read_settings(Stores, given | {"DATABASE_URL_PARAMETER": ""})
    assert read == Stores(StoreUrl(url=given["DATABASE_URL"]), StoreUrl(parameter="/vsl-test/redis-url"))


def test_of_url_and_parameter_exactly_one_is_given() -> None:
    both = {"DATABASE_URL": "postgresql://vsl@db/vsl?iam=true", "DATABASE_URL_PARAMETER": "/vsl-test/database-url"}
    with pytest.raises(InvalidSettings) as caught:
        read_settings(Stores, both)
    assert str(caught.value) == (
        "exactly one of DATABASE_URL and DATABASE_URL_PARAMETER must be set; "
        "exactly one of REDIS_URL and REDIS_URL_PARAMETER must be set"
    )


@pytest.mark.parametrize("login", ["vsl:hunter2", ":hunter2", "vsl:"])
def test_a_url_with_a_password_belongs_in_parameter_store(login: str) -> None:
    given = {"DATABASE_URL": f"postgresql://{login}@db/vsl", "REDIS_URL_PARAMETER": "/vsl-test/redis-url"}
    with pytest.raises(InvalidSettings, match="DATABASE_URL has a password: put it into Parameter Store") as caught:
        read_settings(Stores, given)
    assert "hunter2" not in str(caught.value)

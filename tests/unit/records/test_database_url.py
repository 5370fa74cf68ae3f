"""A database's URL: its meaning, and refusals that do not quote it."""

import pytest

from mediagen.aws.settings import Aws
from mediagen.aws.tokens import UrlRefused
from mediagen.records.database_url import DatabaseUrl, read_url

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-0f3a-AbCdEf"


def nobody() -> Aws:
    raise AssertionError("there is nothing to sign")


def test_a_url_with_a_password_is_a_login_as_it_is() -> None:
    url = read_url("postgresql://us%40er:p%2Fa%3Fss@db.example:6543/vsl")
    assert (url.host, url.port, url.name, url.over_tls) == ("db.example", 6543, "vsl", True)
    assert url.login(nobody) == ("us@er", "p/a?ss")


def test_missing_parts_of_a_url_have_postgresqls_defaults() -> None:
    url = read_url("postgresql:///vsl")
    assert (url.host, url.port, url.user, url.password) == ("127.0.0.1", 5432, "", None)
    assert (url.iam, url.secret, url.roots) == (False, None, None)


def test_the_options_of_the_owner_on_rds_are_understood() -> None:
    url = read_url(f"postgresql://vsl_owner@db.example/vsl?secret={SECRET}&sslrootcert=/opt/rds/eu-west-1.pem")
    assert (url.secret, url.roots) == (SECRET, "/opt/rds/eu-west-1.pem")


@pytest.mark.parametrize("mode", ["verify-full", "require", "prefer", ""])
def test_no_mode_but_disable_does_without_tls(mode: str) -> None:
    assert read_url(f"postgresql://a@b/c?sslmode={mode}").over_tls
    assert not read_url("postgresql://a@b/c?sslmode=disable").over_tls


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://a@b/c?connect_timeout=3", "has no options but iam, secret, sslmode, sslrootcert"),
        ("postgresql://a@b/c?SSLMODE=disable", "has no options but"),
        ("postgresql://a:pass?word@b/c", "has no options but"),
        ("postgresql://a:pass/word@b/c", "the port is no number"),
        ("postgresql://a@b/c?iam=false", "iam=true, or nothing"),
        ("postgresql://a@b/c?iam=true&iam=true", "iam needs exactly one value"),
        ("postgresql://a@b/c?iam=true&sslmode=disable", "iam needs TLS"),
        ("postgresql://a:password@b/c?iam=true", "both a password and iam"),
        ("postgresql://a@b/c?secret=", "secret needs exactly one value"),
        ("postgresql://a@b/c?secret=one&secret=two", "secret needs exactly one value"),
        ("postgresql://a@b/c?secret=one&sslmode=disable", "secret needs TLS"),
        ("postgresql://a:password@b/c?secret=one", "a secret and iam or a password"),
        ("postgresql://a:@b/c?secret=one", "a secret and iam or a password"),
        ("postgresql://a@b/c?secret=one&iam=true", "a secret and iam or a password"),
        ("postgresql://a@b/c?sslrootcert=", "sslrootcert needs exactly one value"),
        ("postgresql://a@b/c?sslrootcert=/a&sslrootcert=/b", "sslrootcert needs exactly one value"),
        ("postgresql://a@b/c?sslrootcert=/a&sslmode=disable", "sslrootcert means nothing without TLS"),
    ],
)
def test_an_invalid_url_is_refused_without_being_quoted(url: str, reason: str) -> None:
    with pytest.raises(UrlRefused, match=reason) as caught:
        read_url(url)
    assert "pass" not in str(caught.value).replace("password", "")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_password_is_not_shown() -> None:
    url: DatabaseUrl = read_url("postgresql://a:hunter2@b/c")
    assert "hunter2" not in repr(url)

"""Tokens of RDS and ElastiCache equal botocore's, byte for byte; only some URLs may request one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.auth
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from mediagen.aws.credentials import Credentials
from mediagen.aws.settings import Aws
from mediagen.aws.tokens import UrlRefused, cache_token, database_token, iam_option

NOW = datetime(2026, 11, 22, 17, 0, 5, tzinfo=UTC)
REGION = "eu-west-1"
HOST = "db.example.eu-west-1.rds.amazonaws.com"
LASTING = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIDEXAMPLE", "secret/with+odd=characters", "token//with+odd==characters")

each_signer = pytest.mark.parametrize("signer", [LASTING, TEMPORARY], ids=["lasting", "temporary"])
each_user = pytest.mark.parametrize("user", ["mediagen", "odd user+name@example"])


@pytest.fixture(autouse=True, scope="module")
def botocore_clock() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)
        yield


def aws(signer: Credentials, now: datetime = NOW) -> Aws:
    return Aws(REGION, lambda: signer, now=lambda: now)


@each_signer
@each_user
def test_a_database_token_is_the_one_boto3_generates(signer: Credentials, user: str) -> None:
    client = boto3.client(
        "rds",
        region_name=REGION,
        aws_access_key_id=signer.access_key,
        aws_secret_access_key=signer.secret_key,
        aws_session_token=signer.token,
    )
    theirs = client.generate_db_auth_token(HOST, 5432, user, REGION)
    assert database_token(aws(signer), host=HOST, port=5432, user=user) == theirs


@each_signer
@each_user
def test_a_cache_token_is_a_connect_that_botocore_presigns(signer: Credentials, user: str) -> None:
    """botocore has no function for it; the token is this presigned request without its scheme."""
    request: Any = AWSRequest("GET", "http://vsl-cache/", params={"Action": "connect", "User": user})
    theirs = BotocoreCredentials(signer.access_key, signer.secret_key, signer.token)
    SigV4QueryAuth(theirs, "elasticache", REGION, expires=900).add_auth(request)
    assert cache_token(aws(signer), cache="vsl-cache", user=user) == request.url.removeprefix("http://")


def test_each_second_has_a_token_of_its_own() -> None:
    moments = [NOW, NOW + timedelta(seconds=1)]
    tokens = {cache_token(aws(TEMPORARY, moment), cache="vsl-cache", user="mediagen") for moment in moments}
    assert len(tokens) == 2


@pytest.mark.parametrize(
    ("url", "option"),
    [
        ("postgresql://user@host/vsl", None),
        ("postgresql://user:password@host/vsl?sslmode=disable", None),
        ("postgresql://user@host/vsl?iam=true", "true"),
        ("rediss://user@host:6379/0?iam=vsl-cache", "vsl-cache"),
    ],
)
def test_a_url_selects_the_iam_login(url: str, option: str | None) -> None:
    assert iam_option(urlsplit(url), over_tls=True) == option


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s://user:password@host?iam=a", "both a password and iam"),
        ("s://user:@host?iam=a", "both a password and iam"),
        ("s://host?iam=a", "a user and a host"),
        ("s://user@/0?iam=a", "a user and a host"),
        ("s://user@host?iam=", "exactly one value"),
        ("s://user@host?iam=a&iam=b", "exactly one value"),
    ],
)
def test_a_url_that_asks_for_iam_wrongly_is_refused_and_not_repeated(url: str, reason: str) -> None:
    with pytest.raises(UrlRefused, match=reason) as caught:
        iam_option(urlsplit(url), over_tls=True)
    assert "user@" not in str(caught.value)
    assert "password@" not in str(caught.value)


def test_iam_without_tls_is_refused() -> None:
    with pytest.raises(UrlRefused, match="iam needs TLS"):
        iam_option(urlsplit("redis://user@host?iam=vsl-cache"), over_tls=False)

"""Missing, expired or wrong credentials are reported in one line with the remedy."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from common.aws import Aws
from common.problems import SetupProblem
from deploy.account import sign_in

type Answers = Callable[[Callable[[Stubber], None]], None]


@pytest.fixture(autouse=True)
def nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    client = boto3.client("sts", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr(Aws, "client", lambda *_: client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def test_an_account_is_known_by_its_number(sts: Stubber) -> None:
    sts.add_response("get_caller_identity", {"Account": "123456789012"})
    assert sign_in("eu-west-1").number == "123456789012"


def test_missing_credentials_are_reported() -> None:
    with pytest.raises(SetupProblem, match="there are no AWS credentials: export AWS_PROFILE"):
        sign_in("eu-west-1")


def test_half_of_a_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    with pytest.raises(SetupProblem, match="there are no AWS credentials"):
        sign_in("eu-west-1")


def test_an_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(SetupProblem, match=r"nobody\) could not be found: choose another AWS_PROFILE"):
        sign_in("eu-west-1")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ExpiredToken", "the AWS credentials have expired: log in again"),
        ("InvalidClientTokenId", r"the AWS credentials do not work \(InvalidClientTokenId\): log in again"),
    ],
)
def test_refused_credentials_are_reported(code: str, told: str, sts: Stubber) -> None:
    sts.add_client_error("get_caller_identity", code)
    with pytest.raises(SetupProblem, match=told):
        sign_in("eu-west-1")


def test_an_unreachable_aws_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials: dict[str, Any] = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in (credentials | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SetupProblem, match=r"cannot reach AWS .*: check the network"):
        sign_in("eu-west-1")

"""A copy of the repository and an account for each test."""

import sys
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest

from integration.deploy.checkout import REGION, Checkout, new_checkout
from mediagen.aws.settings import Aws

FOREIGN = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "CONFIRM",
    "ARTIFACT_BUCKET",
    "GITHUB",
    "VSL_API_KEY",
    "REPLICATE_API_TOKEN",
)


@pytest.fixture(autouse=True)
def account(moto: Aws, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point every AWS tool at moto, and leave nobody to be asked; gives moto's address."""
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    endpoint = moto.endpoint("sts")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdin", StringIO())
    return endpoint


@pytest.fixture
def client(account: str) -> Any:
    """Make boto3 clients of the account."""
    return lambda service: boto3.client(service, region_name=REGION)


@pytest.fixture
def empty(tmp_path: Path, capfd: pytest.CaptureFixture[str], client: Any) -> Checkout:
    """A copy in an account that holds nothing yet."""
    return new_checkout(tmp_path, capfd, client("s3"))


@pytest.fixture
def checkout(empty: Checkout) -> Checkout:
    """A copy that is bootstrapped, its packages uploaded."""
    empty.bootstrapped()
    empty.uploaded()
    return empty

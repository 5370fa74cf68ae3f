"""A copy of the repository and an AWS account for each test."""

import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from integration.deploy.account_double import AccountDouble
from integration.deploy.checkout import REGION, Checkout, new_checkout

FOREIGN = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "CONFIRM",
    "ARTIFACT_BUCKET",
    "GITHUB",
    "VSL_API_KEY",
    "REPLICATE_API_TOKEN",
)


@pytest.fixture(scope="session")
def account_server() -> Iterator[tuple[AccountDouble, str]]:
    """Serve the account double; yield it with its address."""
    double = AccountDouble(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, double, threaded=True, request_handler=MotoRequestHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield double, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def quotas(account_server: tuple[AccountDouble, str]) -> AccountDouble:
    """Reset the account's quotas to those of an account that is not new."""
    double, _ = account_server
    vars(double).update(vars(AccountDouble(double.moto)))
    return double


@pytest.fixture(autouse=True)
def account(account_server: tuple[AccountDouble, str], quotas: AccountDouble, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point every AWS tool at the account double, without a terminal; return the double's address."""
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    _, endpoint = account_server
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
    return lambda service: boto3.client(service, region_name=REGION)


@pytest.fixture
def empty(tmp_path: Path, capfd: pytest.CaptureFixture[str], client: Any) -> Checkout:
    """A copy for an empty account."""
    return new_checkout(tmp_path, capfd, client("s3"))


@pytest.fixture
def checkout(empty: Checkout) -> Checkout:
    """A bootstrapped copy whose packages are uploaded."""
    empty.bootstrapped()
    empty.uploaded()
    return empty

"""Endpoints of calls, and the cost of imports."""

import subprocess
import sys
from pathlib import Path

import pytest

import mediagen.aws
from mediagen.aws.settings import from_environment

MODULES = sorted(path.stem for path in Path(mediagen.aws.__path__[0]).glob("*.py") if path.stem != "__init__")
HEAVY = ["urllib3", "ssl", "botocore", "boto3", "http.client", "decimal", "asyncio"]


@pytest.mark.parametrize(
    ("variables", "service", "endpoint"),
    [
        ({}, "sqs", "https://sqs.eu-west-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "sqs", "http://127.0.0.1:4566"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2"},
            "dynamodb",
            "http://127.0.0.1:2",
        ),
        ({"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:2"}, "ssm", "https://ssm.eu-west-1.amazonaws.com"),
        (
            {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:2"},
            "secretsmanager",
            "http://127.0.0.1:2",
        ),
        ({"AWS_ENDPOINT_URL": ""}, "ssm", "https://ssm.eu-west-1.amazonaws.com"),
    ],
)
def test_an_endpoint_is_the_services_own_then_the_general_one_then_the_regions(
    variables: dict[str, str], service: str, endpoint: str
) -> None:
    assert from_environment({"AWS_REGION": "eu-west-1", **variables}).endpoint(service) == endpoint


def test_the_region_is_that_of_lambda_then_the_default_one() -> None:
    assert from_environment({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "x"}).region == "eu-west-1"
    assert from_environment({"AWS_DEFAULT_REGION": "eu-west-2"}).region == "eu-west-2"


def test_a_missing_region_is_named() -> None:
    with pytest.raises(LookupError, match="AWS_REGION"):
        from_environment({})


@pytest.mark.parametrize("module", [name for name in MODULES if name != "transport"])
def test_importing_a_module_brings_no_http_client(module: str) -> None:
    assert loaded_by(f"import mediagen.aws.{module}", HEAVY) == []


def test_the_signer_needs_little_more_than_hashes() -> None:
    assert loaded_by("import mediagen.aws.signing", ["typing", "dataclasses", "urllib.parse", "json", "re"]) == []


def loaded_by(statement: str, names: list[str]) -> list[str]:
    """Return which of these modules a fresh interpreter has loaded after a statement."""
    path = str(Path(mediagen.aws.__path__[0]).parents[1])
    code = f"import sys; sys.path.insert(0, {path!r}); {statement}; print(*sys.modules)"
    # -S as well, because the site packages of a test environment may load modules of their own.
    command = [sys.executable, "-I", "-S", "-c", code]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [name for name in names if name in output.split()]

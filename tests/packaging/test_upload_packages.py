"""Zips are uploaded once, under a key that holds their hash, and Terraform gets the keys."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from common.paths import ROOT
from local_cloud.packages import layer_platform
from packages.files import function_names, function_zip
from packages.upload import upload

BUCKET = "vsl-test-artifacts"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The variables with which the AWS SDK finds the test's own S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server.stop()


@pytest.fixture
def s3(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the test's S3, with the artifact bucket."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def test_what_is_there_already_is_not_sent_again(s3: Any) -> None:
    first: list[str] = []
    values = upload(s3, BUCKET, layer_platform(), first.append)
    again: list[str] = []
    assert upload(s3, BUCKET, layer_platform(), again.append) == values
    assert {line.split()[0] for line in first} == {"uploaded"}
    assert {line.split()[0] for line in again} == {"exists"}
    assert len(again) == len(function_names()) + 2


def test_terraform_is_told_each_key_and_the_key_holds_the_hash(
    s3: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    run(BUCKET, tmp_path / "packages.json", environment).check_returncode()
    values = json.loads((tmp_path / "packages.json").read_text())
    assert values["artifact_bucket"] == BUCKET
    assert sorted(values["packages"]) == function_names()
    assert sorted(values["layers"]) == ["ffmpeg", "shared"]
    assert values["layers"]["ffmpeg"].startswith(f"layers/ffmpeg-{layer_platform()}-")
    for name, key in values["packages"].items():
        content = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        assert content == function_zip(name).read_bytes()
        assert key == f"functions/{name}-{hashlib.sha256(content).hexdigest()[:16]}.zip"


def test_a_missing_bucket_ends_the_upload_in_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    failed = run("vsl-nobodys-artifacts", tmp_path / "packages.json", environment)
    assert failed.returncode == 1
    assert failed.stderr.startswith("upload to vsl-nobodys-artifacts failed: ")
    assert failed.stderr.endswith(": create the bucket with make bootstrap\n")
    assert failed.stderr.count("\n") == 1
    assert not (tmp_path / "packages.json").exists()


def run(bucket: str, output: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script as the Makefile does."""
    command = [sys.executable, "-m", "packages.upload", "--bucket", bucket]
    options = ["--platform", layer_platform(), "--output", str(output)]
    variables = {**os.environ, **environment, "PYTHONPATH": str(ROOT / "scripts")}
    return subprocess.run([*command, *options], env=variables, check=False, capture_output=True, text=True)

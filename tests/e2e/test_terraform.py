"""What an infra team relies on: no changes in a plan when nothing changed, no secret in what Terraform keeps."""

import json
from typing import Any

import pytest

from e2e.parts import IMAGE, Platform
from e2e.terraform_plans import changes
from local_cloud import packages
from local_cloud.aws import STATE_BUCKET
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment


@pytest.fixture(scope="module")
def plan(cloud: LocalCloud, environment: Environment) -> dict[str, Any]:
    """A second plan of what is applied, as Terraform writes it down."""
    return cloud.terraform(environment).plan(cloud.state_dir / packages.FILE, cloud.variables(environment))


def test_a_second_plan_shows_no_changes(plan: dict[str, Any]) -> None:
    assert changes(plan) == set()


def test_neither_plan_nor_state_holds_a_secret(
    plan: dict[str, Any], cloud: LocalCloud, environment: Environment
) -> None:
    bucket = cloud.deployer(environment).aws.client("s3")
    [kept] = bucket.list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    state = bucket.get_object(Bucket=STATE_BUCKET, Key=kept["Key"])["Body"].read().decode()
    assert "aws_lambda_function" in state
    for kept in (json.dumps(plan), state):
        for secret in secrets(environment):
            assert secret not in kept


def test_no_log_group_holds_a_secret_a_prompt_or_a_signed_link(platform: Platform) -> None:
    prompt = "a very private lighthouse"
    document = platform.generate(IMAGE | {"prompt": prompt})
    groups = platform.environment.outputs["log_groups"]
    for name in groups:
        text = platform.log_text(name)
        for secret in (*secrets(platform.environment), prompt, "X-Amz-Signature", platform.environment.api_key):
            assert secret not in text, name
    assert document["jobId"] in platform.log_text("process_webhook")


def test_no_function_was_denied_what_it_needs(platform: Platform) -> None:
    platform.generate(IMAGE)
    for name in platform.environment.outputs["log_groups"]:
        assert "AccessDenied" not in platform.log_text(name), name


def secrets(environment: Environment) -> list[str]:
    password = environment.url("postgres").partition("://")[2].partition("@")[0].partition(":")[2]
    found = [environment.replicate_token, environment.webhook_secret, password, environment.api_key]
    assert all(len(secret) > 8 for secret in found)
    return found

"""The whole root with everything switched on, applied to the emulator, planned again, and destroyed.

Functions do not run here: the emulator has no engines behind RDS and ElastiCache. They do in the other tests.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aws_rules import check_recordings
from e2e.auto_scaling import auto_scaling_server
from e2e.terraform_plans import LOST_OF_ALARMS, Change, changes, resources, values_of
from e2e.workflow_rights import faults_of_apply
from local_cloud import packages
from local_cloud.aws import ARTIFACT_BUCKET, STATE_BUCKET, Aws
from local_cloud.cloud import FOREIGN
from local_cloud.emulator import CREDENTIALS, REGION, emulator_server, recording
from local_cloud.terraform import VALUES, Terraform

EVERYTHING = Path(__file__).with_name("everything.tfvars")
DOMAIN = "media.example.com"
SECRETS = {
    "vsl-local/replicate-api-token": "r8_not_a_real_token",
    "vsl-local/replicate-webhook-secrets": "whsec_not_a_real_secret",
    **dict.fromkeys(
        (f"vsl-local/database-{group}-login" for group in ("media", "access", "jobs")), "not_a_real_password"
    ),
}

FORGOTTEN = "module.function_network[0].aws_vpc_security_group_egress_rule.functions_to_gateways"

# What the emulator lacks, so that a part of the root is not applied or not looked at again. At most five.
LACKING = {
    FORGOTTEN: "a rule's prefix list is forgotten, on which the provider fails: the rules leave the state before that",
    "the owner's login": "RDS makes no secret for an instance (only for clusters)",
}

# Differences of a second plan that are the emulator's own, each with its reason.
EMULATORS_OWN: dict[Change, str] = {
    ("aws_vpc_security_group_egress_rule", "*"): "the forgotten rules above",
    **LOST_OF_ALARMS,
    ("aws_db_instance", "enabled_cloudwatch_logs_exports"): "lost",
    ("aws_db_instance", "performance_insights_kms_key_id"): "lost",
    ("aws_elasticache_parameter_group", "parameter"): "lists the defaults too",
    ("aws_elasticache_replication_group", "auto_minor_version_upgrade"): "lost",
    ("aws_elasticache_replication_group", "kms_key_id"): "lost: so the cache would be replaced",
    ("aws_elasticache_user", "authentication_mode"): "tells another one",
    ("aws_flow_log", "iam_role_arn"): "lost: so the flow log would be replaced",
    ("aws_flow_log", "max_aggregation_interval"): "lost",
    ("aws_flow_log", "tags"): "lost",
    ("aws_flow_log", "tags_all"): "lost",
    ("aws_iam_role_policy", "policy"): "names the cache that would be replaced",
    ("aws_lambda_alias", "function_version"): "the version below",
    ("aws_lambda_function", "environment"): "holds the URL of the cache that would be replaced",
    **{("aws_lambda_function", name): "follows" for name in ("qualified_arn", "qualified_invoke_arn", "version")},
    ("aws_ssm_parameter", "has_value_wo"): "holds the URL of the cache that would be replaced",
    ("aws_ssm_parameter", "value_wo_version"): "the same",
    ("aws_vpc_endpoint", "policy"): "lost",
    ("aws_vpc_endpoint", "private_dns_enabled"): "lost",
    ("aws_vpc_endpoint", "security_group_ids"): "lost",
}

# Attributes that name a key, and types in which they are about something else.
KEYS = (
    "kms_key_id",
    "kms_key_arn",
    "kms_master_key_id",
    "key_id",
    "master_user_secret_kms_key_id",
    "performance_insights_kms_key_id",
)
NOT_OUR_DATA = {
    "aws_kms_key",  # the key itself
    "aws_lambda_event_source_mapping",  # would encrypt its filters, of which there are none
}

# Attributes that name a resource, and types whose names AWS or the domain gives.
NAMES = ("name", "bucket", "identifier", "function_name", "alarm_name", "replication_group_id", "user_group_id")
NAMED_BY_AWS = {
    "aws_apigatewayv2_stage",
    "aws_db_proxy_default_target_group",
    "aws_default_security_group",
    "aws_lambda_alias",
    "aws_lambda_permission",
    "aws_route53_record",
}
PREFIXED = re.compile(r"(^|/)vsl-local([-/]|$)|:vsl-local-")


# Apply and destroy wait for AWS's own pace, which the provider keeps on an emulator too.
pytestmark = pytest.mark.timeout(1500)


@dataclass(frozen=True)
class Applied:
    """What was made, and how to make it again; `folder` has the recording of all requests."""

    folder: Path
    terraform: Terraform
    aws: Aws
    packages: Path
    variables: dict[str, str]


@pytest.fixture(scope="module")
def applied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    """The whole platform on an emulator of its own; when it ends, its requests to AWS are checked."""
    folder = tmp_path_factory.mktemp("platform")
    with emulator_server(folder) as endpoint, auto_scaling_server(folder / "auto_scaling") as auto_scaling:
        platform = prepare(folder, endpoint, auto_scaling.url)
        # One attached provider would serve both regions with the configuration that came last.
        platform.terraform.apply(platform.packages, platform.variables, lambda told: None)
        yield platform
        check_recordings("platform", request.session, recording(folder), auto_scaling.recording)


def prepare(folder: Path, endpoint: str, auto_scaling: str) -> Applied:
    """Do what comes before the first apply: buckets, zips, a hosted zone for the domain."""
    aws = Aws(endpoint)
    aws.bootstrap()
    own = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    endpoints = {"AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": auto_scaling}
    environment = own | CREDENTIALS | endpoints | {"AWS_DEFAULT_REGION": REGION}
    packages.build(folder)
    uploaded = packages.upload(folder, folder, environment)
    zone = aws.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")["HostedZone"]["Id"]
    api = {"cors_origins": ["https://app.example.com"], "domain": {"name": DOMAIN, "zone_id": zone.rsplit("/")[-1]}}
    values = (VALUES, EVERYTHING)
    terraform = Terraform(packages.ROOT / "terraform", folder / "terraform", folder, environment, values)
    terraform.init()
    return Applied(folder, terraform, aws, uploaded, {"architecture": packages.architecture(), "api": json.dumps(api)})


@pytest.fixture(scope="module")
def plan(applied: Applied) -> dict[str, Any]:
    """A second plan, after the secrets have got their values."""
    for name, value in SECRETS.items():
        applied.aws.put_secret(name, value)
    applied.terraform.forget(FORGOTTEN)
    return applied.terraform.plan(applied.packages, applied.variables)


def test_the_list_of_what_the_emulator_lacks_stays_short() -> None:
    assert len(LACKING) <= 5


def test_everything_is_applied(applied: Applied) -> None:
    outputs = applied.terraform.outputs()
    assert outputs["api_url"] == f"https://{DOMAIN}"
    assert outputs["api_domain_target"]
    for service, describe, kind in MADE:
        assert applied.aws.client(service).__getattribute__(describe)()[kind], kind


def test_a_second_plan_shows_no_changes_but_the_emulators_own(plan: dict[str, Any]) -> None:
    assert changes(plan) - EMULATORS_OWN.keys() == set()


def test_every_difference_on_the_list_is_still_there(plan: dict[str, Any]) -> None:
    assert EMULATORS_OWN.keys() - changes(plan) == set()


def test_neither_plan_nor_state_holds_a_secret(applied: Applied, plan: dict[str, Any]) -> None:
    state = applied.terraform.state()
    assert "aws_db_instance" in state
    for kept in (json.dumps(plan), state):
        for secret in SECRETS.values():
            assert secret not in kept


@pytest.mark.parametrize("attribute", KEYS)
def test_everything_that_can_be_encrypted_with_the_customers_key_is(plan: dict[str, Any], attribute: str) -> None:
    found = {
        resource["address"]: key
        for resource in resources(plan)
        if resource["type"] not in NOT_OUR_DATA
        for key in values_of(resource["values"], attribute)
    }
    assert found
    assert {address: key for address, key in found.items() if not str(key).startswith("arn:aws:kms:")} == {}


@pytest.mark.parametrize("attribute", NAMES)
def test_every_name_carries_the_prefix(plan: dict[str, Any], attribute: str) -> None:
    names = {
        resource["address"]: resource["values"][attribute]
        for resource in resources(plan)
        if resource["mode"] == "managed" and resource["values"].get(attribute) and resource["type"] not in NAMED_BY_AWS
    }
    assert names
    assert {address: name for address, name in names.items() if not PREFIXED.search(name)} == {}


def test_destroyed_it_leaves_nothing(applied: Applied, plan: dict[str, Any]) -> None:
    applied.terraform.destroy(applied.packages, applied.variables)
    assert json.loads(applied.terraform.state())["resources"] == []
    for service, describe, kind in MADE:
        left = applied.aws.client(service).__getattribute__(describe)()[kind]
        assert [one for one in left if not was_there_before(one)] == [], kind


def test_the_apply_role_has_the_rights_for_this_and_no_others(applied: Applied) -> None:
    """Runs last: by now Terraform has created, read and deleted everything."""
    assert faults_of_apply(recording(applied.folder)) == []


# (service, how to list, what is listed)
MADE = (
    ("lambda", "list_functions", "Functions"),
    ("iam", "list_roles", "Roles"),
    ("logs", "describe_log_groups", "logGroups"),
    ("sqs", "list_queues", "QueueUrls"),
    ("dynamodb", "list_tables", "TableNames"),
    ("s3", "list_buckets", "Buckets"),
    ("secretsmanager", "list_secrets", "SecretList"),
    ("ssm", "describe_parameters", "Parameters"),
    ("rds", "describe_db_instances", "DBInstances"),
    ("rds", "describe_db_proxies", "DBProxies"),
    ("elasticache", "describe_replication_groups", "ReplicationGroups"),
    ("elasticache", "describe_users", "Users"),
    ("ec2", "describe_vpcs", "Vpcs"),
    ("ec2", "describe_nat_gateways", "NatGateways"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("apigatewayv2", "get_apis", "Items"),
    ("acm", "list_certificates", "CertificateSummaryList"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("events", "list_rules", "Rules"),
    ("kms", "list_aliases", "Aliases"),
)


def was_there_before(resource: Any) -> bool:
    """Tell what the account had before, or keeps for a while after its end."""
    if not isinstance(resource, dict):
        return False
    return (
        resource.get("Name") in (ARTIFACT_BUCKET, STATE_BUCKET)
        or resource.get("IsDefault") is True
        or resource.get("State") in ("deleted", "deleting")
        or str(resource.get("UserName", "")) == "default"
        or str(resource.get("AliasName", "")).startswith("alias/aws/")
        or str(resource.get("Path", "")).startswith("/aws-service-role/")
    )

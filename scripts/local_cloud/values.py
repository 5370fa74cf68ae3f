"""The Terraform variables that only a running local cloud knows."""

import json
from urllib.parse import urlsplit

from common.replicate import LIVE_URL
from local_cloud import packages
from local_cloud.state import Environment


def terraform_variables(environment: Environment, live_url: str = LIVE_URL) -> dict[str, str]:
    """Return them as TF_VAR_… values; the URLs carry passwords and are ephemeral variables."""
    simulator = environment.servers.get("simulator")
    replicate_url = f"{simulator.url}/v1" if simulator else live_url
    return {
        "architecture": packages.architecture(),
        "database_url": environment.url("rds_proxy"),
        "owner_database_url": environment.url("postgres"),
        "redis_url": environment.url("elasticache"),
        # New servers come with a new emulator, so what is written once never changes.
        "connection_version": "1",
        "api": json.dumps({"callback_origins": [environment.callback_origin] if environment.callback_origin else []}),
        "replicate": json.dumps({"base_url": replicate_url, **_output_hosts(replicate_url)}),
    }


def _output_hosts(replicate_url: str) -> dict[str, list[str]]:
    """Allow results from the simulator only; the real service's hosts are the variable's default."""
    if replicate_url == LIVE_URL:
        return {}
    parts = urlsplit(replicate_url)
    return {"output_hosts": [f"{parts.scheme}://{parts.netloc}"]}

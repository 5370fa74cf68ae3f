"""The users of the cache as Terraform declares them."""

import re
from pathlib import Path

USERS = Path(__file__).parents[2] / "terraform/modules/cache/users.tf"


def access_string(resource: str) -> str:
    """Return the access string of an `aws_elasticache_user` of the Terraform module."""
    [block] = re.findall(rf'^resource "aws_elasticache_user" "{resource}" {{$(.*?)^}}$', USERS.read_text(), re.M | re.S)
    [rules] = re.findall(r'^  access_string += "([^"]+)"$', block, re.M)
    return str(rules)

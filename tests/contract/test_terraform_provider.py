"""The AWS provider: every root and module accepts the series that is locked and tested, and no other."""

import re
from pathlib import Path

import pytest

from terraform_docs import TERRAFORM, folders

TESTED = "~> 5.100"
LOCKS = (TERRAFORM / ".terraform.lock.hcl", TERRAFORM / "bootstrap" / ".terraform.lock.hcl")


def test_every_root_and_module_requires_the_tested_series() -> None:
    version = re.compile(r'^ +version += "(.+)"', re.MULTILINE)
    required = {path: version.findall((path / "versions.tf").read_text()) for path in folders()}
    assert len(required) > 10
    assert {path: versions for path, versions in required.items() if versions != [TESTED]} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=["root", "bootstrap"])
def test_the_locked_version_belongs_to_that_series_under_terraforms_own_header(lock: Path) -> None:
    text = lock.read_text()
    assert re.findall(r'^ +(?:version|constraints) += "(.+)"', text, re.MULTILINE) == ["5.100.0", TESTED]
    assert re.findall(r"^#.*", text, re.MULTILINE) == [
        '# This file is maintained automatically by "terraform init".',
        "# Manual edits may be lost in future updates.",
    ]

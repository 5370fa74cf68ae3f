"""Every root and module accepts only the locked and tested series of the AWS provider."""

import re
from pathlib import Path

import pytest

from common.problems import SetupProblem
from terraform_docs import TERRAFORM, folders
from terraform_provider import installed

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


@pytest.mark.parametrize("versions", [[], ["5.99.0", "5.100.0"]])
def test_the_tests_attach_to_the_only_provider_that_is_installed(versions: list[str], tmp_path: Path) -> None:
    for version in versions:
        folder = tmp_path / "providers/registry.terraform.io/hashicorp/aws" / version / "linux_amd64"
        folder.mkdir(parents=True)
        (folder / f"terraform-provider-aws_v{version}_x5").touch()
    with pytest.raises(SetupProblem, match=f"has {len(versions)} AWS providers instead of one"):
        installed(tmp_path)

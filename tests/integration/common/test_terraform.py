"""Shared steps of every Terraform run: finding a provider, and errors on one line."""

from pathlib import Path

import pytest

from common.plugins import PROVIDER
from common.problems import SetupProblem
from common.terraform import first_error, initialise, usable

INIT_FAILED = """
Error: Terraform encountered problems during initialisation, including problems
with the configuration, described below.

Error: Duplicate variable declaration

  on main.tf line 2:
   2: variable "prefix" {}

A variable named "prefix" was already declared.
"""


def only_with(plugins: Path) -> list[list[str]]:
    """Initialise without the registry; return the sources that were tried."""
    tried: list[list[str]] = []

    def run(more: list[str]) -> None:
        tried.append(more)
        if not more:
            raise SetupProblem("no registry")

    told = initialise(run, {"TF_PLUGIN_DIR": str(plugins), "HOME": str(plugins)})
    assert told == f"registry not reachable, provider taken from {plugins}"
    return tried


def test_the_registry_comes_first() -> None:
    tried: list[list[str]] = []
    assert initialise(tried.append, {}) == "provider as locked"
    assert tried == [[]]


def test_without_the_registry_a_mirror_is_used(tmp_path: Path) -> None:
    (tmp_path / PROVIDER).mkdir(parents=True)
    assert only_with(tmp_path) == [[], [f"-plugin-dir={tmp_path}"]]


def test_the_useful_part_of_an_error_is_reported_on_one_line() -> None:
    assert first_error(INIT_FAILED) == ('Duplicate variable declaration: on main.tf line 2: 2: variable "prefix" {}')
    assert first_error("Success! The configuration is valid.") == ""


@pytest.mark.parametrize(("name", "kept"), [("there", True), ("missing", False)])
def test_a_settings_file_that_is_not_there_is_not_named_to_terraform(name: str, kept: bool, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    environment = {"TF_CLI_CONFIG_FILE": str(tmp_path / name), "HOME": "/"}
    assert ("TF_CLI_CONFIG_FILE" in usable(environment)) == kept

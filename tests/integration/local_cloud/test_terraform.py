"""Terraform's progress is shown while it works, and its errors are quoted."""

import os
from pathlib import Path

import pytest

from common.problems import SetupProblem
from local_cloud.terraform import VALUES, Count, Terraform

ROOT_MODULE = """
variable "name" { type = string }
resource "terraform_data" "this" {
  input = var.name
  lifecycle {
    precondition {
      condition     = var.name != "wrong"
      error_message = "No such name."
    }
  }
}
output "name" { value = terraform_data.this.output }
"""


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    folder = tmp_path / "terraform"
    (folder / VALUES).parent.mkdir(parents=True)
    (folder / VALUES).touch()
    (folder / "main.tf").write_text(ROOT_MODULE)
    (tmp_path / "packages.json").write_text("{}")
    reach = {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "missing")}
    return Terraform(folder, tmp_path / "data", tmp_path / "logs", reach)


def test_an_apply_tells_how_far_it_is_and_gives_the_outputs(terraform: Terraform, tmp_path: Path) -> None:
    told: list[str] = []
    assert terraform.apply(tmp_path / "packages.json", {"name": "right"}, told.append) == {"name": "right"}
    assert told[0] == "planning"
    assert "0 of 1 changes, waiting for terraform_data.this" in told
    assert told[-1] == "1 of 1 changes"


def test_a_second_plan_shows_what_would_change(terraform: Terraform, tmp_path: Path) -> None:
    packages = tmp_path / "packages.json"
    terraform.apply(packages, {"name": "right"}, lambda _: None)
    (change,) = terraform.plan(packages, {"name": "right"})["resource_changes"]
    assert change["change"]["actions"] == ["no-op"]
    (change,) = terraform.plan(packages, {"name": "other"})["resource_changes"]
    assert change["address"] == "terraform_data.this"
    assert change["change"]["actions"] == ["update"]


def test_a_failed_apply_is_explained_in_terraforms_own_words(terraform: Terraform, tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match=r"terraform apply failed: .*No such name\. \(whole output: .*apply\.log\)"):
        terraform.apply(tmp_path / "packages.json", {"name": "wrong"}, lambda _: None)


def test_every_input_changes_the_fingerprint(terraform: Terraform, tmp_path: Path) -> None:
    packages = tmp_path / "packages.json"

    def fingerprint(name: str = "right") -> str:
        return terraform.fingerprint(packages, {"name": name})

    seen = [fingerprint(), fingerprint("other")]
    packages.write_text('{"layers": {}}')
    seen.append(fingerprint())
    (terraform.folder / VALUES).write_text("# new\n")
    seen.append(fingerprint())
    (terraform.folder / "main.tf").write_text(ROOT_MODULE + "\n")
    seen.append(fingerprint())
    assert len(set(seen)) == len(seen)
    (terraform.folder / "README.md").write_text("no input")
    assert fingerprint() == seen[-1]


def test_resources_under_way_are_named_until_they_are_done() -> None:
    count = Count()
    for kind, address in [
        ("planned_change", "a"),
        ("planned_change", "b"),
        ("apply_start", "a"),
        ("apply_start", "b"),
        ("apply_complete", "a"),
    ]:
        count.see({"type": kind, "hook": {"resource": {"addr": address}}})
    assert str(count) == "1 of 2 changes, waiting for b"


def test_a_data_source_that_is_read_is_no_change() -> None:
    count = Count()
    count.see({"type": "planned_change"})
    for kind in ("apply_start", "apply_complete"):
        count.see({"type": kind, "hook": {"resource": {"addr": "data.this"}, "action": "read"}})
    assert str(count) == "0 of 1 changes"

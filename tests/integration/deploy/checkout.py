"""A copy of the repository with a small Terraform root, whose commands use moto as AWS."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.__main__ import main
from deploy.packages import ARM, FILE

ACCOUNT = "123456789012"  # moto's account id
REGION = "us-east-1"
BACKEND = 'key = "{prefix}/terraform.tfstate"\nregion = "us-east-1"\nuse_lockfile = true\n'
# The real root's inputs and outputs, as far as the commands use them.
MAIN = """
terraform {
  backend "s3" {}
}
variable "prefix" { type = string }
variable "region" { type = string }
variable "artifact_bucket" { type = string }
variable "packages" { type = map(string) }
variable "layers" { type = map(string) }
variable "disposable" { default = false }
variable "cache" { default = {} }
variable "api_url" { default = "http://127.0.0.1:9" }
variable "redis_url" {
  type      = string
  default   = null
  ephemeral = true
}
data "terraform_remote_state" "elsewhere" {
  backend = "local"
  config  = { path = "empty.json" }
}
resource "terraform_data" "platform" { input = var.packages }
resource "terraform_data" "refusing" {
  lifecycle {
    precondition {
      condition     = var.api_url != "refused"
      error_message = "No such address."
    }
  }
}
output "api_url" { value = var.api_url }
output "log_groups" {
  value = { for name in ["api", "generate_media", "process_webhook", "authorize"] : name => "/aws/${name}" }
}
"""
BOOTSTRAP = """
terraform {
  backend "local" {}
}
variable "prefix" { type = string }
variable "region" { type = string }
variable "create_oidc_provider" {
  type    = bool
  default = true
}
variable "github_repository" {
  type    = object({ owner = string, owner_id = number, name = string, id = number, immutable_subject = bool })
  default = null
}
variable "replica_region" { default = null }
variable "plan_parameters" { type = list(string) }
resource "terraform_data" "buckets" { input = var.prefix }
output "replica_region" { value = var.replica_region }
output "plan_parameters" { value = var.plan_parameters }
output "role_arns" {
  value = var.github_repository == null ? {} : { plan = jsonencode([var.github_repository, var.create_oidc_provider]) }
}
"""


@dataclass(frozen=True)
class Done:
    """Result of a command; its problems are the last lines of its output."""

    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """The lines of standard error, without the name of the program."""
        return [line.removeprefix("deploy: ") for line in self.err.splitlines()]


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository, with an environment `dev` whose prefix is unique."""

    root: Path
    capture: pytest.CaptureFixture[str]
    s3: Any
    prefix: str

    @property
    def state_bucket(self) -> str:
        return f"{self.prefix}-state-{ACCOUNT}"

    @property
    def artifact_bucket(self) -> str:
        return f"{self.prefix}-artifacts-{ACCOUNT}"

    @property
    def plan(self) -> Path:
        return self.root / "build" / "dev.tfplan"

    def run(self, *arguments: str) -> Done:
        self.capture.readouterr()
        code = main(arguments, self.root)
        told = self.capture.readouterr()
        return Done(code, told.out, told.err)

    def write(self, path: str, text: str) -> Path:
        written = self.root / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(text)
        return written

    def values(self, *lines: str, prefix: str = "", region: str = REGION) -> None:
        first = [f'prefix = "{prefix or self.prefix}"', f'region = "{region}"']
        self.write("terraform/environments/dev.tfvars", "\n".join([*first, *lines]) + "\n")

    def bootstrapped(self) -> None:
        for bucket in (self.state_bucket, self.artifact_bucket):
            self.s3.create_bucket(Bucket=bucket)

    def uploaded(self, bucket: str = "", platform: str = ARM) -> dict[str, Any]:
        """Record packages as uploaded, and put them into the artifact bucket."""
        packages = {"authorize": "functions/authorize-1.zip"}
        layers = {"shared": "layers/shared-1.zip", "ffmpeg": f"layers/ffmpeg-{platform}-1.zip"}
        noted = {"artifact_bucket": bucket or self.artifact_bucket, "packages": packages, "layers": layers}
        self.write(str(FILE), json.dumps(noted))
        for key in [*packages.values(), *layers.values()] if not bucket else []:
            self.s3.put_object(Bucket=self.artifact_bucket, Key=key, Body=b"zip")
        return noted


def new_checkout(root: Path, capture: pytest.CaptureFixture[str], s3: Any) -> Checkout:
    checkout = Checkout(root, capture, s3, f"vsl-{uuid.uuid4().hex[:8]}")
    checkout.write("terraform/main.tf", MAIN)
    checkout.write(
        "terraform/empty.json", '{"version": 4, "serial": 1, "lineage": "none", "outputs": {}, "resources": []}'
    )
    checkout.write("terraform/bootstrap/main.tf", BOOTSTRAP)
    checkout.values("disposable = true")
    checkout.write("terraform/environments/dev.s3.tfbackend", BACKEND.format(prefix=checkout.prefix))
    return checkout

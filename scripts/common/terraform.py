"""Terraform helpers: check its version, find its provider, hash the inputs of its plan."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from common.plugins import find_mirror
from common.problems import SetupProblem

NEEDED = (1, 11)
# Time out on an unreachable registry after seconds, without Terraform's retries.
FAIL_FAST = {"TF_REGISTRY_DISCOVERY_RETRY": "0", "TF_REGISTRY_CLIENT_TIMEOUT": "10"}


def check_terraform() -> str:
    """Check Terraform: write-only arguments and ephemeral variables came with 1.11."""
    where = "https://developer.hashicorp.com/terraform/install"
    if not shutil.which("terraform"):
        raise SetupProblem(f"terraform is missing: install version 1.11 or newer from {where}")
    answer = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, check=False).stdout
    # A warning about the CLI configuration may stand before the JSON.
    version = str(json.loads(answer[answer.find("{") :])["terraform_version"])
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < NEEDED:
        raise SetupProblem(f"terraform 1.11 or newer is needed, this is {version}: install it from {where}")
    return f"Terraform {version}"


def initialise(run: Callable[[list[str]], object], environ: Mapping[str, str]) -> str:
    """Run `terraform init` through `run` with more arguments; return where the provider came from.

    `run` raises SetupProblem if it fails: then once more with a filesystem mirror, if there is one.
    """
    try:
        run([])
    except SetupProblem:
        mirror = find_mirror(environ)
        if not mirror:
            raise
        run([f"-plugin-dir={mirror}"])
        return f"registry not reachable, provider taken from {mirror}"
    return "provider as locked"


def first_error(told: str) -> str:
    """Return the first error in Terraform's output on one line; empty if there is none."""
    # init announces errors by one that says nothing itself.
    errors = [text for text in told.split("Error: ")[1:] if not text.startswith("Terraform encountered problems")]
    # A title, and after it where or why.
    paragraphs = errors[0].split("\n\n")[:2] if errors else []
    return ": ".join(" ".join(part.split()) for part in paragraphs if part.strip())


def fingerprint(folder: Path, files: Iterable[Path], *values: Any) -> str:
    """Hash files below a folder, and values: the same hash means the same plan, but for what changed on AWS."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for path in sorted(set(files)):
        digest.update(f"\0{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def usable(environment: Mapping[str, str]) -> dict[str, str]:
    """Drop TF_CLI_CONFIG_FILE if it names a missing file: Terraform would warn about it in every output."""
    named = environment.get("TF_CLI_CONFIG_FILE")
    keep = not named or Path(named).exists()
    return {name: value for name, value in environment.items() if keep or name != "TF_CLI_CONFIG_FILE"}

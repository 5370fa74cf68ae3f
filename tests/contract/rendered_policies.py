"""Terraform's rendered state, with the provider mocked: every policy of the platform."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import check_terraform
from common.paths import BUILD, ROOT
from terraform_provider import running_provider

BOOTSTRAP, PLATFORM = ROOT / "terraform/bootstrap", ROOT / "terraform"
ACCOUNT = "123456789012"  # values of the mocks


@cache
def rendered(root: Path) -> dict[str, Any]:
    """Apply tests/rendered with mocks and return its state; takes a minute on a busy machine."""
    environment = {**os.environ, "TF_DATA_DIR": str(BUILD / f"{root.name}-rendered"), "TF_IN_AUTOMATION": "1"}
    check_terraform.initialise_root(root, environment)
    files = [f"-var-file={path}" for path in sorted(root.glob("tests/*.auto.tfvars"))]
    command = ["terraform", "test", "-json", "-verbose", "-test-directory=tests/rendered", *files]
    with running_provider(Path(environment["TF_DATA_DIR"]), environment) as attached:
        done = subprocess.run(command, cwd=root, env=attached, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    [state] = (
        event["test_state"] for event in map(json.loads, done.stdout.splitlines()) if event["type"] == "test_state"
    )
    found: dict[str, Any] = state
    return found

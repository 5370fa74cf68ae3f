"""Validate the Terraform root and run its tests: providers are mocked, nothing of AWS is reached."""

import os
import subprocess
import sys

from local_cloud.plugins import find_mirror
from local_cloud.terraform import FAIL_FAST
from package_files import BUILD, ROOT

INIT = ["init", "-backend=false", "-input=false", "-lockfile=readonly"]


def main() -> int:
    """Run terraform init, validate and test; give the exit code."""
    if _terraform(*INIT, quiet=True, **FAIL_FAST):
        # The registry did not answer: a filesystem mirror, or the message again, in full.
        mirror = find_mirror(os.environ)
        print(f"registry not reachable, provider taken from {mirror}" if mirror else "no mirror of the provider")
        if _terraform(*INIT, *([f"-plugin-dir={mirror}"] if mirror else [])):
            return 1
    return _terraform("validate") or _terraform("test")


def _terraform(*arguments: str, quiet: bool = False, **extra: str) -> int:
    environment = {**os.environ, **extra, "TF_DATA_DIR": str(BUILD / "terraform"), "TF_IN_AUTOMATION": "1"}
    output = subprocess.DEVNULL if quiet else None
    command = ["terraform", f"-chdir={ROOT / 'terraform'}", *arguments]
    return subprocess.run(command, env=environment, stdout=output, stderr=output, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

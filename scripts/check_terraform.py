"""Validate both Terraform roots and run their tests: providers are mocked, nothing of AWS is reached."""

import os
import subprocess
import sys
from pathlib import Path

from local_cloud.plugins import find_mirror
from local_cloud.terraform import FAIL_FAST
from package_files import BUILD, ROOT

INIT = ["init", "-backend=false", "-input=false", "-lockfile=readonly"]
# Each with the folder of its working data.
ROOTS = {ROOT / "terraform/bootstrap": BUILD / "terraform-bootstrap", ROOT / "terraform": BUILD / "terraform"}


def main() -> int:
    """Run terraform init, validate and test in each root; give the first exit code that is not 0."""
    return next(filter(None, map(_check, ROOTS)), 0)


def _check(root: Path) -> int:
    print(f"terraform: {root.relative_to(ROOT)}", flush=True)
    if _terraform(root, *INIT, quiet=True, **FAIL_FAST):
        # The registry did not answer: a filesystem mirror, or the message again, in full.
        mirror = find_mirror(os.environ)
        found = f"registry not reachable, provider taken from {mirror}" if mirror else "no mirror of the provider"
        print(found, flush=True)
        if _terraform(root, *INIT, *([f"-plugin-dir={mirror}"] if mirror else [])):
            return 1
    return _terraform(root, "validate") or _terraform(root, "test")


def _terraform(root: Path, *arguments: str, quiet: bool = False, **extra: str) -> int:
    environment = {**os.environ, **extra, "TF_DATA_DIR": str(ROOTS[root]), "TF_IN_AUTOMATION": "1"}
    output = subprocess.DEVNULL if quiet else None
    command = ["terraform", f"-chdir={root}", *arguments]
    return subprocess.run(command, env=environment, stdout=output, stderr=output, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

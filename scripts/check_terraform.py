"""Validate both Terraform roots and run their tests: providers are mocked, nothing of AWS is reached."""

import os
import subprocess
import sys
from pathlib import Path

from common import commands
from common.paths import BUILD, ROOT
from common.problems import SetupProblem
from common.terraform import FAIL_FAST, initialise
from terraform_provider import running_provider

INIT = ["init", "-backend=false", "-input=false", "-no-color", "-lockfile=readonly"]
# Each with the folder of its working data.
ROOTS = {ROOT / "terraform/bootstrap": BUILD / "terraform-bootstrap", ROOT / "terraform": BUILD / "terraform"}


def main() -> int:
    """Run terraform init, validate and test in each root; give the first exit code that is not 0."""
    return next(filter(None, map(_check, ROOTS)), 0)


def initialise_root(root: Path, environment: dict[str, str]) -> str:
    """Run terraform init with the environment's TF_DATA_DIR; return where the provider came from."""

    def init(more: list[str]) -> None:
        log = Path(environment["TF_DATA_DIR"]).with_suffix(".log")
        command = ["terraform", *INIT, *more]
        commands.run(command, folder=root, environment=environment | FAIL_FAST, log=log, name="terraform init")

    return initialise(init, os.environ)


def _check(root: Path) -> int:
    environment = {**os.environ, "TF_DATA_DIR": str(ROOTS[root]), "TF_IN_AUTOMATION": "1"}
    try:
        print(f"terraform: {root.relative_to(ROOT)}, {initialise_root(root, environment)}", flush=True)
        with running_provider(ROOTS[root], environment) as attached:
            commands_in_turn = [["validate"], ["test"], *map(_test_environment, _environments(root))]
            return next(filter(None, (_terraform(root, attached, command) for command in commands_in_turn)), 0)
    except SetupProblem as problem:
        print(f"terraform: {root.relative_to(ROOT)}, {problem}", file=sys.stderr)
        return 1


def _environments(root: Path) -> list[Path]:
    """List the values of the environments on AWS; the local one is applied by the end-to-end tests."""
    return sorted(path for path in root.glob("environments/*.tfvars") if path.stem != "local")


def _test_environment(values: Path) -> list[str]:
    packages = values.parents[1] / "tests/packages.auto.tfvars"
    return ["test", "-test-directory=tests/environments", f"-var-file={packages}", f"-var-file={values}"]


def _terraform(root: Path, environment: dict[str, str], arguments: list[str]) -> int:
    if len(arguments) > 1:
        print(f"terraform: {Path(arguments[-1]).name}", flush=True)
    return subprocess.run(["terraform", *arguments], cwd=root, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

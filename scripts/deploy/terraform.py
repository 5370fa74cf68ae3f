"""Terraform as a person sees it: its own words on their terminal."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import commands
from common.problems import SetupProblem
from common.terraform import FAIL_FAST, first_error, initialise, usable

# `terraform plan -detailed-exitcode`
NO_CHANGES, CHANGES = 0, 2
DATA = re.compile(r"(^|\.)data\.")


@dataclass(frozen=True)
class Terraform:
    """One root module with one environment's state; `data_dir` belongs to the two."""

    folder: Path
    data_dir: Path
    environ: Mapping[str, str]

    def init(self, *backend: str) -> str:
        """Install the provider and open the state; say how the provider was had."""
        arguments = ["init", "-input=false", "-no-color", "-reconfigure", "-lockfile=readonly"]
        arguments += [f"-backend-config={each}" for each in backend]
        log = self.data_dir.with_suffix(".log")

        def run(more: list[str]) -> None:
            command = ["terraform", *arguments, *more]
            environment = self._environment() | FAIL_FAST
            try:
                commands.run(command, folder=self.folder, environment=environment, log=log, name="terraform init")
            except SetupProblem as problem:
                told = first_error(log.read_text(errors="replace"))
                raise SetupProblem(
                    f"terraform init failed: {told} (whole output: {log})" if told else str(problem)
                ) from None

        return initialise(run, self.environ)

    def plan(self, saved: Path, *arguments: str) -> bool:
        """Show what would change and save it; false, with nothing saved, when nothing would."""
        saved.parent.mkdir(parents=True, exist_ok=True)
        code = self._show("plan", "-detailed-exitcode", f"-out={saved}", *arguments)
        if code != CHANGES:
            saved.unlink(missing_ok=True)  # Terraform saves a plan that failed, too
        if code not in (NO_CHANGES, CHANGES):
            raise SetupProblem("terraform plan failed: see Terraform's output above")
        return code == CHANGES

    def apply(self, saved: Path) -> None:
        """Do exactly what a saved plan says."""
        if self._show("apply", str(saved)):
            raise SetupProblem(
                "terraform apply failed: see Terraform's output above; fix the cause, then run make plan again"
            )

    def destroy(self, *arguments: str) -> None:
        """Remove everything in the state."""
        if self._show("destroy", "-auto-approve", *arguments):
            raise SetupProblem("terraform destroy failed: see Terraform's output above; the command can be repeated")

    def changes(self, saved: Path) -> dict[str, int]:
        """Count what a saved plan would create, update and delete."""
        plan = json.loads(self._read("show", "-json", str(saved)))
        return Counter(action for each in plan.get("resource_changes", []) for action in each["change"]["actions"])

    def outputs(self) -> dict[str, Any]:
        """Read the outputs of what is applied."""
        found = json.loads(self._read("output", "-json"))
        return {name: output["value"] for name, output in found.items()}

    def resources(self) -> list[str]:
        """List the addresses of what the state holds, without what is only looked up."""
        try:
            known = self._read("state", "list").split()
        except SetupProblem as problem:
            if "No state file was found" in str(problem):
                return []
            raise
        return [address for address in known if not DATA.search(address)]

    def _show(self, command: str, *arguments: str) -> int:
        plain = [] if sys.stdout.isatty() else ["-no-color"]
        whole = ["terraform", command, "-input=false", *plain, *arguments]
        return commands.show(whole, folder=self.folder, environment=self._environment())

    def _read(self, *arguments: str) -> str:
        command = ["terraform", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            told = first_error(done.stderr) or " ".join(done.stderr.split())
            raise SetupProblem(f"terraform {arguments[0]} failed: {told}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        own = {"TF_DATA_DIR": str(self.data_dir), "TF_IN_AUTOMATION": "1"}
        return usable(self.environ) | own

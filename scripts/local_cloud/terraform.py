"""Terraform on the local cloud: initialised with or without the registry, applied with visible progress."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common import commands
from common.problems import SetupProblem
from common.terraform import FAIL_FAST, fingerprint, initialise, usable
from terraform_provider import running_provider

BACKEND = "environments/local.s3.tfbackend"
VALUES = "environments/local.tfvars"
# Files that can change what an apply would do.
INPUTS = ("*.tf", "*.tfvars", "*.tfbackend", ".terraform.lock.hcl")
# The provider waits 5 to 55 s for most resources to settle: ten at a time, the last ones start late.
PARALLELISM = "-parallelism=40"


@dataclass(frozen=True)
class Terraform:
    """The root module in `folder`, its working data in `data_dir`, reaching AWS through `environment`."""

    folder: Path
    data_dir: Path
    logs: Path
    environment: Mapping[str, str]
    values: tuple[Path | str, ...] = (VALUES,)

    def init(self) -> str:
        """Install the provider and open the state; say how the provider was had."""
        arguments = ["init", "-input=false", "-no-color", "-reconfigure", "-lockfile=readonly"]
        arguments.append(f"-backend-config={BACKEND}")
        return initialise(lambda more: self._run([*arguments, *more], "terraform init"), self.environment)

    @contextmanager
    def attached(self) -> Iterator["Terraform"]:
        """Run one provider for all commands of a block; call it after `init`."""
        with running_provider(self.data_dir, usable(self.environment)) as environment:
            yield replace(self, environment=environment)

    def apply(self, packages: Path, variables: Mapping[str, str], tell: Callable[[str], None]) -> dict[str, Any]:
        """Apply everything and give the outputs; `tell` hears of each resource."""
        count = Count()
        for event in self._events(["apply", "-auto-approve", PARALLELISM, *self.inputs(packages)], variables):
            count.see(event)
            tell(str(count))
        return self.outputs()

    def plan(self, packages: Path, variables: Mapping[str, str]) -> dict[str, Any]:
        """Plan again and give the whole plan, as `terraform show -json` writes it."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        saved = self.data_dir / "plan.bin"
        for _ in self._events(["plan", f"-out={saved}", *self.inputs(packages)], variables):
            pass
        shown: dict[str, Any] = json.loads(self._output(["show", "-json", str(saved)]))
        saved.unlink()
        return shown

    def destroy(self, packages: Path, variables: Mapping[str, str]) -> None:
        """Remove everything there is."""
        for _ in self._events(["destroy", "-auto-approve", PARALLELISM, *self.inputs(packages)], variables):
            pass

    def forget(self, *addresses: str) -> None:
        """Take resources out of the state without touching them."""
        self._run(["state", "rm", *addresses], "terraform state")

    def state(self) -> str:
        """Give the state, as Terraform keeps it."""
        return self._output(["state", "pull"])

    def outputs(self) -> dict[str, Any]:
        """Read the root module's outputs."""
        found = json.loads(self._output(["output", "-json"]))
        return {name: output["value"] for name, output in found.items()}

    def fingerprint(self, packages: Path, variables: Mapping[str, str]) -> str:
        """Hash everything an apply depends on: the same hash means there is nothing to apply."""
        files = {path for pattern in INPUTS for path in self.folder.rglob(pattern) if ".terraform" not in path.parts}
        return fingerprint(self.folder, files, packages.read_text(), dict(variables))

    def inputs(self, packages: Path) -> list[str]:
        """List the arguments that name the values of this environment."""
        return ["-input=false", "-json", *(f"-var-file={file}" for file in (*self.values, packages))]

    def _events(self, arguments: Sequence[str], variables: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Run a command with -json and give its events; an error raises SetupProblem in its words."""
        errors: list[str] = []
        name = f"terraform {arguments[0]}"
        try:
            for line in self._lines(arguments, name, {f"TF_VAR_{key}": value for key, value in variables.items()}):
                # A warning about the CLI configuration is printed as text.
                event = json.loads(line) if line.startswith("{") else {}
                errors.extend(_error(event))
                yield event
        except SetupProblem as problem:
            raise SetupProblem(
                f"{name} failed: {errors[0]} (whole output: {self._log(name)})" if errors else str(problem)
            ) from None

    def _run(self, arguments: Sequence[str], name: str) -> None:
        for _ in self._lines(arguments, name, FAIL_FAST):
            pass

    def _output(self, arguments: Sequence[str]) -> str:
        lines = list(self._lines(arguments, f"terraform {arguments[0]}", {}))
        return "\n".join(lines[next(index for index, line in enumerate(lines) if line.startswith("{")) :])

    def _lines(self, arguments: Sequence[str], name: str, extra: Mapping[str, str]) -> Iterator[str]:
        return commands.stream(
            ["terraform", *arguments],
            folder=self.folder,
            environment={
                **usable(self.environment),
                **extra,
                "TF_DATA_DIR": str(self.data_dir),
                "TF_IN_AUTOMATION": "1",
            },
            log=self._log(name),
            name=name,
        )

    def _log(self, name: str) -> Path:
        return self.logs / f"{name.replace(' ', '-')}.log"


class Count:
    """How far an apply is, counted from Terraform's events."""

    def __init__(self) -> None:
        self.planned = 0
        self.done = 0
        self.running: dict[str, None] = {}

    def see(self, event: dict[str, Any]) -> None:
        """Take one event into account."""
        hook = event.get("hook", {})
        address = hook.get("resource", {}).get("addr", "")
        match event.get("type"):
            case "planned_change":
                self.planned += 1
            case "apply_start":
                self.running[address] = None
            case "apply_complete" | "apply_errored":
                self.running.pop(address, None)
                # A data source that is read during the apply was not planned as a change.
                self.done += event["type"] == "apply_complete" and hook.get("action") != "read"

    def __str__(self) -> str:
        if not self.planned:
            return "planning"
        waiting = f", waiting for {next(iter(self.running))}" if self.running else ""
        return f"{self.done} of {self.planned} changes{waiting}"


def _error(event: Mapping[str, Any]) -> list[str]:
    found = event.get("diagnostic", {})
    if found.get("severity") != "error":
        return []
    parts = [found.get("address", ""), found["summary"], found.get("detail", "").strip().replace("\n", " ")]
    return [": ".join(part for part in parts if part)]

"""The plan that `make plan` saves for `make apply`: Terraform's file, and notes on its inputs."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from common.problems import SetupProblem
from common.terraform import fingerprint
from deploy import connections
from deploy.environment import Environment

# Files that can change a plan, besides the environment's two; the packages file is an .auto.tfvars.json.
INPUTS = ("*.tf", "modules/**/*.tf", "*.tfvars*", ".terraform.lock.hcl")


@dataclass(frozen=True)
class Notes:
    """What a plan was made from (`inputs` is a hash), when (seconds since the epoch), and what it would do."""

    inputs: str
    urls: list[str]
    made: float
    changes: dict[str, int]

    def __str__(self) -> str:
        counts = ", ".join(f"{self.changes.get(action, 0)} to {action}" for action in ("create", "update", "delete"))
        return f"{counts}, planned {(time.time() - self.made) / 60:.0f} minutes ago"


@dataclass(frozen=True)
class SavedPlan:
    """The saved plan of an environment."""

    root: Path
    environment: Environment

    @property
    def path(self) -> Path:
        return self.root / "build" / f"{self.environment.name}.tfplan"

    @property
    def _notes(self) -> Path:
        return self.path.with_suffix(".tfplan.json")

    def note(self, changes: Mapping[str, int], environ: Mapping[str, str]) -> Notes:
        """Write down what the plan was made from."""
        notes = Notes(self._inputs(), connections.given(environ), time.time(), dict(changes))
        self._notes.write_text(json.dumps(asdict(notes), indent=2) + "\n")
        return notes

    def read(self, environ: Mapping[str, str]) -> Notes | None:
        """Read the notes; None if there is no plan. Raises SetupProblem if the plan is out of date."""
        if not (self.path.exists() and self._notes.exists()):
            return None
        notes = Notes(**json.loads(self._notes.read_text()))
        if notes.inputs != self._inputs():
            raise SetupProblem(
                f"Terraform's files or the packages have changed since {self.path.relative_to(self.root)} was made: "
                f"make plan ENV={self.environment.name}"
            )
        if problems := list(connections.changed_since(notes.urls, environ)):
            raise SetupProblem("\n".join(problems))
        return notes

    def remove(self) -> None:
        """Remove the plan, which Terraform accepts only once."""
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)

    def _inputs(self) -> str:
        folder = self.root / "terraform"
        files = {path for pattern in INPUTS for path in folder.glob(pattern)}
        return fingerprint(folder, files | {self.root / self.environment.values, self.root / self.environment.backend})

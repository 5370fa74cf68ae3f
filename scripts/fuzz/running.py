"""One run of schemathesis against a local cloud, by two users whose limits no run reaches."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from common.api import reachable
from common.deployer import Deployer
from fuzz.expectations import WEBHOOK_SECRET
from local_cloud.packages import ROOT
from local_cloud.state import Environment

NAMES = ("one", "other")  # as in schemathesis.toml
WIDE = {"ratePerHour": 1_000_000, "concurrentJobs": 1_000_000, "monthlyBudget": 999_999}
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Run:
    """Number of examples, seed and phases; None means all phases, including the stateful one."""

    examples: int
    seed: int
    phases: str | None = None

    def options(self) -> list[str]:
        """Return the options of schemathesis."""
        chosen = ["--phases", self.phases] if self.phases else []
        return ["--max-examples", str(self.examples), "--seed", str(self.seed), *chosen]


def make_users(deployer: Deployer, folder: Path) -> Path:
    """Create the users; return the file with their keys for schemathesis, readable by its owner only."""
    users = []
    for name in NAMES:
        user_id, key = deployer.create_user_and_key(f"fuzz {name}")
        deployer.manage_access("set-limits", userId=user_id, **WIDE)
        users.append({"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key}"}]})
    file = folder / "fuzz-users.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"auth": users}))
    return file


def fuzz(environment: Environment, users: Path, run: Run, *, quiet: bool = False) -> tuple[int, str]:
    """Fuzz every operation; return the exit code and, if `quiet`, the output."""
    url, host = reachable(environment.api_url)
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--config-file", str(CONFIGURATION), "run", str(ROOT / "docs" / "openapi.json")]
    told = subprocess.run(
        [*command, "--url", url, *(f"--header={name}: {value}" for name, value in host.items()), *run.options()],
        cwd=users.parent,
        env=_variables(environment, users),
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    return told.returncode, told.stdout or ""


def _variables(environment: Environment, users: Path) -> dict[str, str]:
    path = os.pathsep.join(str(ROOT / folder) for folder in ("scripts", "layers/shared/python"))
    own = {"PYTHONPATH": path, "FUZZ_USERS": str(users), WEBHOOK_SECRET: environment.webhook_secret}
    return dict(os.environ) | own

"""State of the local cloud between commands: `environment.json` in its state directory.

The file holds passwords and an API key of this machine, so it is readable by its owner only. It exists from
the first server's start until `down`; `outputs` and `api_key` are empty until `up` is complete.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from common.problems import SetupProblem
from local_cloud.emulator import CREDENTIALS, REGION
from local_cloud.processes import Server

FILE = "environment.json"


class Unreadable(SetupProblem):
    """The state file is damaged or has the form of another version."""


@dataclass(frozen=True)
class Environment:
    """A local cloud: its servers, secrets, Terraform outputs and the demo's user.

    `replicate` is "simulator" or "live"; `applied` is the hash of what Terraform last applied; `callback_origin` is the
    one place of this machine that callbacks may go to, where nothing listens unless somebody wants them.
    """

    replicate: str
    servers: dict[str, Server] = field(default_factory=dict)
    replicate_token: str = ""
    webhook_secret: str = ""
    callback_origin: str = ""
    applied: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    user_id: str = ""
    api_key: str = ""

    def url(self, server: str) -> str:
        return self.servers[server].url

    @property
    def api_url(self) -> str:
        """The client API's address, without a slash at its end."""
        return str(self.outputs.get("api_url", "")).rstrip("/")

    def variables(self) -> dict[str, str]:
        """List the variables with which the AWS tools, Terraform and clients reach this cloud."""
        return {
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url("emulator"),
        }


def load(state_dir: Path) -> Environment | None:
    """Read the saved cloud; return None if there is none. Raises Unreadable."""
    path = state_dir / FILE
    try:
        found = json.loads(path.read_text())
        servers = {name: Server(**server) for name, server in found.pop("servers").items()}
        return replace(Environment(**found), servers=servers)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unreadable(f"{path} is damaged or from another version: make down, then make up") from None


def save(state_dir: Path, environment: Environment) -> None:
    """Save a cloud, replacing the file atomically."""
    state_dir.mkdir(parents=True, exist_ok=True)
    fresh = state_dir / f"{FILE}.new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(environment), file, indent=2)
    fresh.replace(state_dir / FILE)


def forget(state_dir: Path) -> None:
    """Delete the saved state."""
    (state_dir / FILE).unlink(missing_ok=True)

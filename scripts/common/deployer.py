"""What a deployer does once the functions are there: migrations, a user, an API key, a poll."""

from dataclasses import dataclass
from typing import Any

from common.aws import Aws


@dataclass(frozen=True)
class Deployer:
    """Calls the functions that only a deployer calls; `functions` are their full names by Python name."""

    aws: Aws
    functions: dict[str, str]

    def migrate(self) -> Any:
        """Bring the database up to date and give what ran."""
        return self.aws.invoke(self.functions["apply_migrations"], {})

    def manage_access(self, action: str, **fields: Any) -> Any:
        """Create, list, rotate or revoke users and API keys."""
        return self.aws.invoke(self.functions["manage_access"], {"action": action, **fields})

    def poll(self) -> Any:
        """Let check_replicate_status look now for what no webhook reported."""
        return self.aws.invoke(self.functions["check_replicate_status"], {})

    def create_user_and_key(self, name: str) -> tuple[str, str]:
        """Create a user; give its id and an API key, which is shown this once only."""
        user = self.manage_access("create-user", name=name)
        key = self.manage_access("create-key", userId=user["userId"], name=name)
        return user["userId"], key["apiKey"]
